#include "credentials.hpp"

#include <fmt/format.h>

namespace liminal::kube {

namespace {

constexpr std::uint64_t token_limit = 1U << 20U;

class FixedCredentials final : public Credentials {
 public:
  explicit FixedCredentials(Proof proof) : proof_(std::move(proof)) {}
  Result<Proof> prove(const World& /*world*/) override { return proof_; }
  bool forget() override { return false; }

 private:
  const Proof proof_;
};

class TokenFileCredentials final : public Credentials {
 public:
  TokenFileCredentials(std::filesystem::path file, Proof rest) : file_(std::move(file)), rest_(std::move(rest)) {}

  Result<Proof> prove(const World& world) override {
    Proof proof = rest_;
    auto text = world.files.read(file_, token_limit);
    if (!text) {
      if (!rest_.authorization.empty()) return proof;
      Error error = std::move(text.error());
      error.kind = ErrorKind::unavailable;
      if (error.advice.empty()) error.advice = "check the user's tokenFile in the kubeconfig";
      return tl::unexpected(std::move(error).wrap("the file with the token for the cluster cannot be read"));
    }
    constexpr std::string_view space = " \t\r\n";
    const auto first = text->find_first_not_of(space);
    if (first == std::string::npos) {
      return fail(ErrorKind::unavailable, fmt::format("the token file {} is empty", file_.string()),
                  "log in to the cluster again");
    }
    proof.authorization = "Bearer " + text->substr(first, text->find_last_not_of(space) + 1 - first);
    return proof;
  }
  // It is read each time.
  bool forget() override { return true; }

 private:
  const std::filesystem::path file_;
  const Proof rest_;
};

}  // namespace

std::shared_ptr<Credentials> fixed_credentials(Credentials::Proof proof) {
  return std::make_shared<FixedCredentials>(std::move(proof));
}

std::shared_ptr<Credentials> token_file_credentials(std::filesystem::path file, Credentials::Proof rest) {
  return std::make_shared<TokenFileCredentials>(std::move(file), std::move(rest));
}

}  // namespace liminal::kube
