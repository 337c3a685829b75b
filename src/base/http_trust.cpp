#include "http_trust.hpp"

#include <array>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

namespace liminal {

namespace {

constexpr std::array usual_files{
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL
    "/etc/ssl/cert.pem",                                  // Alpine
};
constexpr std::array usual_directories{"/etc/ssl/certs", "/etc/pki/tls/certs"};

bool is_directory(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

bool is_readable_file(const std::string& path) {
  return !is_directory(path) && ::access(path.c_str(), R_OK) == 0;
}

tl::unexpected<Error> unreadable(std::string_view variable, std::string_view path, std::string_view what) {
  return fail(ErrorKind::unavailable, fmt::format("{} names {}, which is no {} that can be read", variable, path, what),
              "correct the variable, or unset it to use the machine's own list of certificate authorities");
}

}  // namespace

Result<TrustStore> find_trust_store(const Environment& environment) {
  TrustStore store;
  store.file = environment.get("SSL_CERT_FILE").value_or("");
  store.directory = environment.get("SSL_CERT_DIR").value_or("");
  if (!store.file.empty() && !is_readable_file(store.file)) return unreadable("SSL_CERT_FILE", store.file, "file");
  if (!store.directory.empty() && !is_directory(store.directory)) {
    return unreadable("SSL_CERT_DIR", store.directory, "folder");
  }
  if (!store.file.empty() || !store.directory.empty()) return store;
  for (const char* path : usual_files) {
    if (is_readable_file(path)) return TrustStore{path, {}};
  }
  for (const char* path : usual_directories) {
    if (is_directory(path)) return TrustStore{{}, path};
  }
  return fail(ErrorKind::unavailable, "this machine has no list of trusted certificate authorities",
              "install the package ca-certificates, or name a PEM file in SSL_CERT_FILE");
}

}  // namespace liminal
