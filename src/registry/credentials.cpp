#include "liminal/registry/credentials.hpp"

#include <fmt/format.h>

#include "liminal/base/base64.hpp"
#include "liminal/base/checkout.hpp"
#include "liminal/base/json.hpp"

#include "host.hpp"

namespace liminal::registry {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t file_limit = 1U << 20U;
constexpr std::size_t helper_output_limit = 64U << 10U;
constexpr std::string_view hub_key = "https://index.docker.io/v1/";

// host[:port] of a key of `auths`: docker has stored them with a scheme and a path at times.
std::string host_of_key(std::string key) {
  if (const auto scheme = key.find("://"); scheme != std::string::npos) key.erase(0, scheme + 3);
  return key.substr(0, key.find('/'));
}

const Json* find_login(const Json& config, const std::string& host) {
  const auto logins = config.find("auths");
  if (logins == config.end() || !logins->is_object()) return nullptr;
  if (const auto exact = logins->find(credential_key(host)); exact != logins->end()) return &*exact;
  for (const auto& [key, value] : logins->items()) {
    const std::string named = host_of_key(key);
    if (named == host || (is_docker_hub(host) && is_docker_hub(named))) return &value;
  }
  return nullptr;
}

std::optional<Credentials> read_login(const Json& login, const std::string& source) {
  Credentials credentials;
  credentials.source = source;
  credentials.identity_token = text_at(login, "identitytoken");
  credentials.registry_token = text_at(login, "registrytoken");
  credentials.username = text_at(login, "username");
  credentials.password = text_at(login, "password");
  if (const auto decoded = base64_decode(text_at(login, "auth")); decoded && decoded->find(':') != std::string::npos) {
    credentials.username = decoded->substr(0, decoded->find(':'));
    credentials.password = decoded->substr(decoded->find(':') + 1);
    while (credentials.password.ends_with('\0')) credentials.password.pop_back();
  }
  const bool empty =
      credentials.username.empty() && credentials.identity_token.empty() && credentials.registry_token.empty();
  if (empty) return std::nullopt;
  return credentials;
}

bool is_helper_name(const std::string& name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
                              std::string::npos;
}

}  // namespace

std::string credential_key(const std::string& host) {
  return is_docker_hub(host) ? std::string(hub_key) : host;
}

CredentialStore::CredentialStore(const World& world, fs::path checkout)
    : world_(&world), checkout_(std::move(checkout)) {
  std::error_code failed;
  const fs::path here = fs::current_path(failed);
  if (checkout_.empty() && !failed) checkout_ = find_checkout(world.files, here).value_or("");
}

std::vector<CredentialStore::File> CredentialStore::files() const {
  const auto variable = [&](const char* name) { return world_->environment.get(name).value_or(""); };
  const std::string home = variable("HOME");
  std::vector<File> files;
  if (const std::string folder = variable("DOCKER_CONFIG"); !folder.empty()) {
    files.push_back({fs::path(folder) / "config.json", true});
  } else if (!home.empty()) {
    files.push_back({fs::path(home) / ".docker/config.json", false});
  }
  if (const std::string file = variable("REGISTRY_AUTH_FILE"); !file.empty()) files.push_back({file, true});
  if (const std::string runtime = variable("XDG_RUNTIME_DIR"); !runtime.empty()) {
    files.push_back({fs::path(runtime) / "containers/auth.json", false});
  }
  if (!home.empty()) files.push_back({fs::path(home) / ".config/containers/auth.json", false});
  return files;
}

Result<std::optional<Credentials>> CredentialStore::find(const std::string& host) {
  const std::string key = credential_key(host);
  // Held while a helper runs: it may ask its user something, and once is enough.
  const std::lock_guard lock(mutex_);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  return known_.emplace(key, look_up(host)).first->second;
}

Result<std::optional<Credentials>> CredentialStore::look_up(const std::string& host) const {
  for (const File& file : files()) {
    if (!world_->files.info_following_links(file.path)) continue;
    auto found = look_in(file, host);
    if (!found || *found) return found;
  }
  return std::optional<Credentials>();
}

Result<std::optional<Credentials>> CredentialStore::look_in(const File& file, const std::string& host) const {
  const std::string path = file.path.string();
  if (!file.named && !checkout_.empty() && lies_beneath(checkout_, file.path)) {
    return fail(ErrorKind::usage, fmt::format("{} lies inside the repository and is not used", path),
                "set DOCKER_CONFIG to its folder if it is really yours");
  }
  auto text = world_->files.read(file.path, file_limit);
  if (!text) return tl::unexpected(std::move(text.error()).wrap("the logins of registries cannot be read"));
  const Json config = Json::parse(*text, nullptr, false);
  if (!config.is_object()) {
    return fail(ErrorKind::usage, fmt::format("{} is no JSON object", path), "correct it, or log in again");
  }
  const std::string key = credential_key(host);
  if (const auto helpers = config.find("credHelpers"); helpers != config.end()) {
    std::string helper = text_at(*helpers, host);
    if (helper.empty()) helper = text_at(*helpers, is_docker_hub(host) ? "docker.io" : key);
    if (!helper.empty()) return ask_helper(helper, key, fmt::format("{} (credHelpers: {})", path, helper));
  }
  if (const std::string helper = text_at(config, "credsStore"); !helper.empty()) {
    auto found = ask_helper(helper, key, fmt::format("{} (credsStore: {})", path, helper));
    if (!found || *found) return found;
  }
  const Json* login = find_login(config, host);
  return login == nullptr ? std::optional<Credentials>() : read_login(*login, path);
}

// https://github.com/docker/docker-credential-helpers: the key on standard input, JSON on standard output.
Result<std::optional<Credentials>> CredentialStore::ask_helper(const std::string& helper, const std::string& key,
                                                               const std::string& source) const {
  if (!is_helper_name(helper)) {
    return fail(ErrorKind::usage, fmt::format("{} is no name of a credential helper", source), "correct the file");
  }
  std::string output;
  ProcessRequest request;
  request.arguments = {"docker-credential-" + helper, "get"};
  request.environment = world_->environment.all();
  request.input = key;
  request.timeout = std::chrono::minutes{1};
  request.cancellation = &world_->cancellation;
  request.on_output = [&](std::string_view line) {
    if (output.size() < helper_output_limit) output.append(line).append("\n");
  };
  auto outcome = world_->processes.run(request);
  if (!outcome)
    return tl::unexpected(
        std::move(outcome.error()).wrap(fmt::format("the credential helper of {} cannot be run", source)));
  if (outcome->exit_status != 0) {
    // What helpers say when they know nothing; its other texts may hold anything, so they are not repeated.
    if (output.find("credentials not found") != std::string::npos) return std::optional<Credentials>();
    return fail(
        ErrorKind::unavailable,
        fmt::format("docker-credential-{} ended with status {} when asked for {}", helper, outcome->exit_status, key),
        fmt::format("run: echo {} | docker-credential-{} get", key, helper));
  }
  const Json answer = Json::parse(output, nullptr, false);
  Credentials credentials;
  credentials.source = source;
  credentials.username = text_at(answer, "Username");
  credentials.password = text_at(answer, "Secret");
  if (credentials.password.empty()) return std::optional<Credentials>();
  if (credentials.username == "<token>") {
    credentials.username.clear();
    credentials.identity_token = std::exchange(credentials.password, {});
  }
  return std::optional(std::move(credentials));
}

}  // namespace liminal::registry
