#include "liminal/docker/endpoint.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "liminal/base/checkout.hpp"
#include "liminal/base/http_url.hpp"
#include "liminal/base/json.hpp"
#include "liminal/base/sha256.hpp"

namespace liminal::docker {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t config_limit = 1U << 20U;

std::string variable(const World& world, const std::string& name) {
  return world.environment.get(name).value_or("");
}

// Where the Docker client keeps its configuration. One that a pull request could have written is not used unless the
// environment names it.
fs::path config_folder(const World& world) {
  if (const std::string named = variable(world, "DOCKER_CONFIG"); !named.empty()) return named;
  const std::string home = variable(world, "HOME");
  if (home.empty()) return {};
  fs::path folder = fs::path(home) / ".docker";
  std::error_code failed;
  const auto checkout = find_checkout(world.files, fs::current_path(failed));
  if (!failed && checkout && lies_beneath(*checkout, folder)) return {};
  return folder;
}

std::string read_if_there(const World& world, const fs::path& path) {
  if (!world.files.info_following_links(path)) return {};
  return world.files.read(path, config_limit).value_or("");
}

TlsOptions read_certificates(const World& world, const fs::path& folder) {
  TlsOptions tls;
  tls.ca_pem = read_if_there(world, folder / "ca.pem");
  tls.certificate_pem = read_if_there(world, folder / "cert.pem");
  tls.key_pem = read_if_there(world, folder / "key.pem");
  return tls;
}

// `address` as DOCKER_HOST and contexts spell it.
Result<Endpoint> to_endpoint(const std::string& address, const std::string& named_by, bool use_tls, TlsOptions tls) {
  Endpoint endpoint;
  endpoint.description = fmt::format("{} ({})", address, named_by);
  if (address.starts_with("unix://")) {
    endpoint.unix_socket = address.substr(7);
    endpoint.base_url = "http://docker";
    if (endpoint.unix_socket.starts_with('/')) return endpoint;
    return fail(ErrorKind::usage, fmt::format("{} names a socket without its full path", named_by),
                "write it as unix:///path/of/the/socket");
  }
  const auto scheme = address.find("://");
  const std::string_view kind = std::string_view(address).substr(0, scheme == std::string::npos ? 0 : scheme);
  if (kind == "ssh" || kind == "npipe" || kind == "fd") {
    return fail(ErrorKind::usage, fmt::format("{} names an engine by {}://, which is not supported", named_by, kind),
                kind == "ssh" ? "forward the engine's socket with ssh -L and name it as unix:///path" : "");
  }
  const std::string rest = scheme == std::string::npos ? address : address.substr(scheme + 3);
  auto url = HttpUrl::parse((use_tls || kind == "https" ? "https://" : "http://") + rest);
  if (!url) return tl::unexpected(std::move(url.error()).wrap(fmt::format("{} is no address of an engine", named_by)));
  const bool port_given = rest.substr(0, rest.find('/')).rfind(':') != std::string::npos;
  if (!port_given) url->port = url->scheme == "https" ? 2376 : 2375;
  endpoint.base_url = url->text();
  if (endpoint.base_url.ends_with('/')) endpoint.base_url.pop_back();
  endpoint.tls = std::move(tls);
  return endpoint;
}

Result<Endpoint> from_variable(const World& world, const std::string& address) {
  const bool use_tls = !variable(world, "DOCKER_TLS_VERIFY").empty() || !variable(world, "DOCKER_TLS").empty();
  std::string folder = variable(world, "DOCKER_CERT_PATH");
  if (folder.empty()) folder = config_folder(world);
  return to_endpoint(address, "DOCKER_HOST", use_tls, use_tls ? read_certificates(world, folder) : TlsOptions{});
}

std::string current_context(const World& world, const fs::path& folder) {
  if (std::string named = variable(world, "DOCKER_CONTEXT"); !named.empty()) return named;
  const Json config = Json::parse(read_if_there(world, folder / "config.json"), nullptr, false);
  if (!config.is_object()) return {};
  const auto found = config.find("currentContext");
  return found != config.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<Endpoint> from_context(const World& world, const fs::path& folder, const std::string& name) {
  const fs::path contexts = folder / "contexts";
  const std::string id = sha256_hex(name);
  const Json meta = Json::parse(read_if_there(world, contexts / "meta" / id / "meta.json"), nullptr, false);
  const Json::json_pointer place("/Endpoints/docker/Host");
  if (!meta.is_object() || !meta.contains(place) || !meta[place].is_string()) {
    return fail(ErrorKind::usage, fmt::format("the docker context {} is not there", name),
                "see docker context ls, or name the engine in DOCKER_HOST");
  }
  const fs::path certificates = contexts / "tls" / id / "docker";
  const bool use_tls = world.files.info(certificates).has_value();
  return to_endpoint(meta[place].get<std::string>(), fmt::format("the docker context {}", name), use_tls,
                     use_tls ? read_certificates(world, certificates) : TlsOptions{});
}

Endpoint default_socket(const std::string& path, std::string_view what) {
  return {fmt::format("unix://{} ({})", path, what), path, "http://docker", {}};
}

}  // namespace

Result<std::vector<Endpoint>> find_endpoints(const World& world) {
  const auto only = [](Result<Endpoint> endpoint) -> Result<std::vector<Endpoint>> {
    if (!endpoint) return tl::unexpected(std::move(endpoint.error()));
    return std::vector<Endpoint>{std::move(*endpoint)};
  };
  if (const std::string address = variable(world, "DOCKER_HOST"); !address.empty()) {
    return only(from_variable(world, address));
  }
  const fs::path folder = config_folder(world);
  const std::string context = current_context(world, folder);
  if (!context.empty() && context != "default") return only(from_context(world, folder, context));

  std::vector<Endpoint> endpoints{default_socket("/var/run/docker.sock", "the default socket")};
  if (const std::string runtime = variable(world, "XDG_RUNTIME_DIR"); !runtime.empty()) {
    endpoints.push_back(default_socket(runtime + "/docker.sock", "the socket of a rootless engine"));
  }
  if (const std::string home = variable(world, "HOME"); !home.empty()) {
    endpoints.push_back(default_socket(home + "/.docker/run/docker.sock", "the socket of Docker Desktop"));
  }
  return endpoints;
}

}  // namespace liminal::docker
