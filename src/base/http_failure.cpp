#include "http_failure.hpp"

#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <openssl/x509_vfy.h>

namespace liminal {

namespace {

Error unavailable(std::string message, std::string advice, bool transient) {
  return Error{ErrorKind::unavailable, std::move(message), std::move(advice), {}, {}, transient};
}

Error explain_connect(const TransferFailure& failure) {
  const std::string& server = failure.proxy.empty() ? failure.server : failure.proxy;
  const std::string_view what = failure.proxy.empty() ? "" : "the proxy ";
  if (failure.unix_socket && (failure.system_error == ENOENT || failure.system_error == ENOTDIR)) {
    return unavailable(fmt::format("there is no socket at {}", server), "start the program that listens there", false);
  }
  switch (failure.system_error) {
    case ECONNREFUSED:
      return unavailable(fmt::format("{}{} refuses the connection", what, server),
                         "check the address, and that the server runs", true);
    case EACCES:
    case EPERM:
      return unavailable(fmt::format("this user may not connect to {}{}", what, server),
                         failure.unix_socket ? "join the group that owns the socket, or run as its owner"
                                             : "a firewall of this machine forbids it",
                         false);
    case EHOSTUNREACH:
    case ENETUNREACH:
      return unavailable(fmt::format("no route leads to {}{}", what, server), "check this machine's network", true);
    case ETIMEDOUT:
      return unavailable(fmt::format("{}{} does not answer", what, server),
                         "check the address, and whether a firewall or a proxy stands between", true);
    default:
      return unavailable(fmt::format("cannot connect to {}{}", what, server), "check the address and the network",
                         true);
  }
}

Error explain_certificate(const TransferFailure& failure) {
  const auto told = [&](std::string_view why, std::string advice) {
    return unavailable(fmt::format("the certificate of {} is not trusted: {}", failure.server, why), std::move(advice),
                       false);
  };
  constexpr std::string_view none_named = "the certificate authority that was named for it did not sign it";
  constexpr std::string_view name_another = "name the authority that did; a server that was made anew has a new one";
  switch (failure.certificate_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return told("it has expired", "the server needs a new one; if it has, check this machine's clock");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return told("it is not valid yet", "check this machine's clock");
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      if (failure.own_authority) return told(none_named, std::string(name_another));
      return told("it is signed by itself", "name a file that holds it in SSL_CERT_FILE");
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      if (failure.own_authority) return told(none_named, std::string(name_another));
      return told("none of this machine's certificate authorities signed it",
                  "add the authority that did to this machine, or name its PEM file in SSL_CERT_FILE");
    case X509_V_ERR_CERT_REVOKED:
      return told("it has been revoked", "the server needs a new one");
    case X509_V_OK:
    case X509_V_ERR_UNSPECIFIED:
      // libcurl looks at the name before it asks for the result of the chain.
      return told("it was made for another name", "use the name that the certificate was made for");
    default:
      return told(X509_verify_cert_error_string(failure.certificate_result),
                  "the server or the list of certificate authorities has to be put right");
  }
}

Error explain_break(const TransferFailure& failure) {
  if (failure.received > 0 || failure.code == CURLE_PARTIAL_FILE) {
    return unavailable(fmt::format("{} cut its answer off after {} bytes", failure.server, failure.received),
                       "run it again", true);
  }
  if (failure.system_error == ECONNRESET || failure.system_error == EPIPE || failure.code == CURLE_SEND_ERROR) {
    return unavailable(fmt::format("{} reset the connection", failure.server), "run it again", true);
  }
  return unavailable(fmt::format("{} closed the connection without an answer", failure.server), "run it again", true);
}

Error explain_code(const TransferFailure& failure) {
  const std::string& server = failure.server;
  switch (failure.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return unavailable(fmt::format("no address is known for {}", server),
                         "check how the name is spelt, and that this machine can ask a name server", false);
    case CURLE_COULDNT_RESOLVE_PROXY:
      return unavailable(fmt::format("no address is known for the proxy {}", failure.proxy),
                         "check the variables HTTPS_PROXY and HTTP_PROXY", false);
    case CURLE_COULDNT_CONNECT:
      return explain_connect(failure);
    case CURLE_OPERATION_TIMEDOUT:
      return unavailable(
          failure.connected ? fmt::format("{} stopped answering", server) : fmt::format("{} does not answer", server),
          "check the address, and whether a firewall or a proxy stands between", true);
    case CURLE_PEER_FAILED_VERIFICATION:
      return explain_certificate(failure);
    case CURLE_SSL_CONNECT_ERROR:
      return unavailable(fmt::format("{} does not speak TLS as it should", server),
                         "check the port; a server of plain HTTP has to be named as insecure",
                         failure.system_error == ECONNRESET);
    case CURLE_SSL_CACERT_BADFILE:
      return unavailable("the list of trusted certificate authorities cannot be read",
                         "check the file that SSL_CERT_FILE or the configuration names", false);
    case CURLE_SSL_CERTPROBLEM:
      return unavailable(fmt::format("the client certificate for {} cannot be used", server),
                         "check that certificate and key are PEM and belong together", false);
    case CURLE_PROXY:
      return unavailable(fmt::format("the proxy {} did not let the connection through", failure.proxy),
                         "check the variables HTTPS_PROXY, HTTP_PROXY and NO_PROXY", false);
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:  // only where it was agreed on before
    case CURLE_HTTP2_STREAM:
      return explain_break(failure);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
      return unavailable(fmt::format("what {} answers is not HTTP", server), "check the address and the port", false);
    default:
      return unavailable(fmt::format("the exchange with {} failed", server), "run it again", true);
  }
}

}  // namespace

Error explain(const TransferFailure& failure) {
  Error error = explain_code(failure);
  if (!failure.detail.empty()) error.causes.push_back(failure.detail);
  return error;
}

}  // namespace liminal
