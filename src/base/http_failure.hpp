// What libcurl's and OpenSSL's codes mean to a user.
#pragma once

#include <cstdint>
#include <string>

#include <curl/curl.h>

#include "liminal/base/result.hpp"

namespace liminal {

// What was known when a transfer ended without an answer.
struct TransferFailure {
  CURLcode code = CURLE_OK;
  long system_error = 0;        // errno of the connection, 0 when there is none
  long certificate_result = 0;  // X509_V_ERR_*
  std::string detail;           // libcurl's own text
  std::string server;           // host:port, or the path of a socket
  bool unix_socket = false;
  bool own_authority = false;  // the request named whom to trust
  std::string proxy;           // without its password; empty: none
  bool connected = false;
  std::uint64_t received = 0;  // bytes of the body
};

[[nodiscard]] Error explain(const TransferFailure& failure);

}  // namespace liminal
