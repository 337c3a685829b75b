#include <mutex>

#include <fmt/format.h>

#include "liminal/base/rfc3339.hpp"
#include "liminal/base/untrusted_json.hpp"

#include "answer.hpp"
#include "credentials.hpp"

namespace liminal::kube {

namespace {

constexpr std::chrono::minutes patience{2};
constexpr std::size_t output_limit = 1U << 20U;

bool is_one_line(const std::string& text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x21 || c == 0x7f) return false;
  }
  return true;
}

class ExecCredentials final : public Credentials {
 public:
  ExecCredentials(ExecPlugin plugin, Proof rest) : plugin_(std::move(plugin)), rest_(std::move(rest)) {}

  Result<Proof> prove(const World& world) override {
    // Held while the program runs: it may take a while, and once is enough for all threads.
    const std::lock_guard lock(mutex_);
    if (proof_ && (!expires_ || world.clock.now() < *expires_)) return *proof_;
    proof_.reset();
    auto output = run(world);
    if (!output) return tl::unexpected(std::move(output.error()));
    return read(*output);
  }

  bool forget() override {
    const std::lock_guard lock(mutex_);
    const bool had = proof_.has_value();
    proof_.reset();
    return had;
  }

 private:
  [[nodiscard]] Result<std::string> run(const World& world) const;
  [[nodiscard]] Result<Proof> read(const std::string& output);
  // Nothing that the program said is repeated: it may be the token itself.
  [[nodiscard]] tl::unexpected<Error> useless(std::string_view why) const {
    return fail(ErrorKind::unavailable,
                fmt::format("the program {}, which logs in to the cluster, {}", plugin_.command, why),
                fmt::format("run it by hand to see what it says; it is called by {}", plugin_.place));
  }

  const ExecPlugin plugin_;
  const Proof rest_;
  std::mutex mutex_;
  std::optional<Proof> proof_;
  std::optional<Clock::WallTime> expires_;
};

Result<std::string> ExecCredentials::run(const World& world) const {
  if (plugin_.needs_person) {
    return fail(
        ErrorKind::usage,
        fmt::format("the program {}, which logs in to the cluster, wants to ask a person (interactiveMode: Always)",
                    plugin_.command),
        fmt::format("log in by hand first and use a token or a certificate, or correct {}", plugin_.place));
  }
  Json info{{"apiVersion", plugin_.api_version}, {"kind", "ExecCredential"}, {"spec", {{"interactive", false}}}};
  if (!plugin_.cluster.is_null()) info["spec"]["cluster"] = plugin_.cluster;

  ProcessRequest request;
  request.arguments = {plugin_.command};
  request.arguments.insert(request.arguments.end(), plugin_.arguments.begin(), plugin_.arguments.end());
  request.environment = world.environment.all();
  for (const auto& [name, value] : plugin_.environment) request.environment[name] = value;
  request.environment["KUBERNETES_EXEC_INFO"] = info.dump(-1, ' ', false, Json::error_handler_t::replace);
  request.timeout = patience;
  request.cancellation = &world.cancellation;
  std::string output;
  request.on_output = [&](std::string_view line) {
    if (output.size() < output_limit) output.append(line).append("\n");
  };
  auto outcome = world.processes.run(request);
  if (!outcome) {
    Error error = std::move(outcome.error());
    error.kind = ErrorKind::unavailable;
    if (!plugin_.install_hint.empty()) error.advice = "install it: " + plugin_.install_hint;
    if (error.advice.empty()) error.advice = fmt::format("install it, or correct {}", plugin_.place);
    return tl::unexpected(std::move(error).wrap(
        fmt::format("the program {}, which logs in to the cluster, cannot be run", plugin_.command)));
  }
  if (outcome->cancelled) return fail(ErrorKind::interrupted, "stopped while logging in to the cluster");
  if (outcome->timed_out) return useless(fmt::format("did not end within {} minutes", patience.count()));
  if (outcome->exit_status != 0) return useless(fmt::format("ended with status {}", outcome->exit_status));
  return output;
}

Result<Credentials::Proof> ExecCredentials::read(const std::string& output) {
  const auto answer = parse_json(output);
  if (!answer || text_at(*answer, "kind") != "ExecCredential") return useless("did not answer with an ExecCredential");
  if (text_at(*answer, "apiVersion") != plugin_.api_version) {
    return useless(fmt::format("answered in another version than {}", plugin_.api_version));
  }
  const auto found = answer->find("status");
  if (found == answer->end() || !found->is_object()) return useless("answered without a status");
  const std::string token = text_at(*found, "token");
  const std::string certificate = text_at(*found, "clientCertificateData");
  const std::string key = text_at(*found, "clientKeyData");
  if (token.empty() && certificate.empty()) return useless("answered with neither a token nor a certificate");
  if (certificate.empty() != key.empty())
    return useless("answered with a certificate and a key of which one is missing");
  if (!is_one_line(token)) return useless("answered with something that is no token");
  expires_.reset();
  if (const std::string time = text_at(*found, "expirationTimestamp"); !time.empty()) {
    expires_ = parse_rfc3339(time);
    if (!expires_) return useless("answered with an expirationTimestamp that is no time");
  }
  Proof proof = rest_;
  if (!token.empty()) proof.authorization = "Bearer " + token;
  if (!certificate.empty()) {
    proof.certificate_pem = certificate;
    proof.key_pem = key;
  }
  proof_ = proof;
  return proof;
}

}  // namespace

std::shared_ptr<Credentials> exec_credentials(ExecPlugin plugin, Credentials::Proof rest) {
  return std::make_shared<ExecCredentials>(std::move(plugin), std::move(rest));
}

}  // namespace liminal::kube
