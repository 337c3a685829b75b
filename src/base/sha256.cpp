#include "liminal/base/sha256.hpp"

#include <vector>

// EVP, which OpenSSL has in its place, looks for providers when it is first used: a millisecond, in which a small file
// is validated.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "liminal/base/file_stream.hpp"

namespace liminal {

struct Sha256::State {
  SHA256_CTX context{};
  State() { SHA256_Init(&context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
  SHA256_Update(&state_->context, bytes.data(), bytes.size());
}

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest{};
  SHA256_Final(digest.data(), &state_->context);
  SHA256_Init(&state_->context);
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

Result<std::string> sha256_of_file(const std::filesystem::path& file, const Cancellation& cancellation) {
  const auto reader = FileReader::open(file);
  if (!reader) return tl::unexpected(reader.error());
  Sha256 hash;
  std::vector<char> buffer(std::size_t{128} << 10U);
  for (std::uint64_t offset = 0;;) {
    if (cancellation.requested()) return fail(ErrorKind::interrupted, "the reading of files was interrupted");
    const auto count = reader->read_at(offset, buffer.data(), buffer.size());
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) return hash.hex();
    hash.update({buffer.data(), *count});
    offset += *count;
  }
}

}  // namespace liminal
