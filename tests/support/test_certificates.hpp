// Certificates made on the spot for tests of TLS.
#pragma once

#include <string>

namespace liminal::testing {

struct Identity {
  std::string certificate_pem;
  std::string key_pem;
};

struct CertificateRequest {
  std::string common_name = "localhost";
  std::string alternative_names = "DNS:localhost,IP:127.0.0.1";  // as openssl.cnf writes subjectAltName
  long valid_from_seconds = -3600;                               // from now
  long valid_until_seconds = 86'400;
  bool authority = false;
};

// Signed by `issuer`, or by itself without one.
[[nodiscard]] Identity make_certificate(const CertificateRequest& request, const Identity* issuer = nullptr);

}  // namespace liminal::testing
