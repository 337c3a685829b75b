// SHA-256 (FIPS 180-4), by OpenSSL.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "liminal/base/cancellation.hpp"
#include "liminal/base/result.hpp"

namespace liminal {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view bytes);
  // 64 lower-case hexadecimal digits; the object is ready for new input afterwards.
  [[nodiscard]] std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string sha256_hex(std::string_view bytes);

// Of a file's content. Errors: the file's, or `interrupted`.
[[nodiscard]] Result<std::string> sha256_of_file(const std::filesystem::path& file, const Cancellation& cancellation);

}  // namespace liminal
