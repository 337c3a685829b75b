#include "liminal/base/sha256.hpp"

#include <vector>

#include <openssl/evp.h>

#include "liminal/base/file_stream.hpp"

namespace liminal {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() { EVP_DigestInit_ex(context, EVP_sha256(), nullptr); }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest{};
  unsigned length = 0;
  EVP_DigestFinal_ex(state_->context, digest.data(), &length);
  EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr);
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
