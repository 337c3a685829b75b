#include "command.hpp"

#include <charconv>

#include <fmt/format.h>

#include "liminal/model/kubernetes_names.hpp"

#include "usage_error.hpp"

namespace liminal::cli {

namespace {

// 3.5, v3.5.2. Empty: it is none.
std::optional<engine::ArgoVersion> parse_argo_version(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  engine::ArgoVersion version;
  const char* const end = text.data() + text.size();
  const auto [dot, failed] = std::from_chars(text.data(), end, version.release);
  if (failed != std::errc() || dot == end || *dot != '.') return std::nullopt;
  const auto [rest, wrong] = std::from_chars(dot + 1, end, version.feature);
  if (wrong != std::errc() || (rest != end && *rest != '.')) return std::nullopt;
  return version;
}

CLI::Validator is_exclusion() {
  return {[](std::string& text) -> std::string {
            constexpr std::size_t longest = 4096;
            if (text.starts_with('!'))
              return "it takes nothing back: leave out the pattern that goes too far; not " + text;
            if (text.size() > longest) return fmt::format("it takes a pattern of at most {} bytes", longest);
            return text.find_first_not_of("./") == std::string::npos ? "it takes a pattern such as vendor/; not " + text
                                                                     : "";
          },
          ""};
}

}  // namespace

void PathOptions::declare(CLI::App& app) {
  app.add_option("PATH", paths, "Files, or folders searched for liminal.yml and liminal.yaml (default: this folder)");
  app.add_option("--path", alias, "The same as PATH")->type_name("PATH")->envname("LIMINAL_PATH");
  app.add_option("--exclude", exclude, "What is not searched, as a line of a .gitignore; repeatable")
      ->type_name("PATTERN")
      ->check(is_exclusion());
  app.add_flag("--no-check-files", no_check_files, "Do not look whether source folders and scripts are there");
}

Result<ci::Request> PathOptions::request(const Session& session) const {
  std::vector<std::string> all = paths;
  all.insert(all.end(), alias.begin(), alias.end());
  auto request = session.request(all);
  if (!request) return request;
  request->exclude = exclude;
  request->validation.check_files = !no_check_files;
  return request;
}

void ImageOptions::declare(CLI::App& app) {
  app.add_option("--builder", builder,
                 "What builds images: docker, oci (inside this program), or auto: Docker if it answers")
      ->check(one_of({"auto", "docker", "oci"}))
      ->envname("LIMINAL_BUILDER");
  app.add_option("--output", output, "Folder of the OCI image layout (default: .liminal/images)")
      ->type_name("DIR")
      ->envname("LIMINAL_OUTPUT");
  app.add_option("--registry", registry, "Put before every image name that has no registry of its own")
      ->type_name("HOST/PREFIX")
      ->envname("LIMINAL_REGISTRY");
  app.add_option("--base", bases, "What stands in for a base image: another reference, oci:DIR or rootfs:DIR")
      ->type_name("NAME=REF");
  app.add_option("--insecure-registry", insecure_registries, "A registry to be spoken to without TLS")
      ->type_name("HOST");
  app.add_option("--token-server", token_servers,
                 "A host that may get a registry's password, besides those of the registry's own domain")
      ->type_name("HOST");
  app.add_option("--docker-network", docker_network,
                 "Network of what the Docker Engine runs: none, host or a name (default: the engine's own)")
      ->type_name("NETWORK")
      ->envname("LIMINAL_DOCKER_NETWORK");
  app.add_flag("--no-cache", no_cache, "Build everything anew");
}

Status ImageOptions::apply(const Session& session, ci::Request& request) const {
  build::Options& images = request.images;
  images.builder = builder == "docker" ? build::Builder::docker
                   : builder == "oci"  ? build::Builder::oci
                                       : build::Builder::automatic;
  if (!output.empty()) images.output = session.absolute(output);
  images.registry = registry;
  images.insecure_registries = insecure_registries;
  images.token_servers = token_servers;
  images.docker_network = docker_network;
  images.no_cache = no_cache;
  for (const std::string& text : bases) {
    auto pair = key_and_value(text, "--base");
    if (!pair) return tl::unexpected(std::move(pair.error()));
    // Folders are named from where the command is typed.
    for (const std::string_view scheme : {"oci:", "rootfs:"}) {
      if (pair->second == scheme) {
        return fail(ErrorKind::usage, fmt::format("--base {} names no folder", text),
                    fmt::format("write --base {}={}DIR", pair->first, scheme));
      }
      if (pair->second.starts_with(scheme)) {
        pair->second = std::string(scheme) + session.absolute(pair->second.substr(scheme.size())).string();
      }
    }
    images.bases.insert_or_assign(std::move(pair->first), std::move(pair->second));
  }
  return {};
}

void EngineOptions::declare(CLI::App& app) {
  app.add_option("--engine", engine, "What runs the pipelines: airflow or argo")
      ->check(one_of({"airflow", "argo"}))
      ->envname("LIMINAL_ENGINE");
  app.add_option("--namespace", namespace_name, "Namespace of the objects (default: default)")
      ->type_name("NS")
      ->check([](const std::string& name) -> std::string {
        return model::is_dns_label(name) ? std::string()
                                         : "it takes lower-case letters, digits and dashes, at most 63; not " + name;
      })
      ->envname("LIMINAL_NAMESPACE");
}

void TargetOptions::declare(CLI::App& app) {
  EngineOptions::declare(app);
  app.add_option("--image-pull-secret", image_pull_secret, "Secret that pods pull images with")
      ->type_name("NAME")
      ->check([](const std::string& name) {
        return model::is_dns_subdomain(name) ? std::string()
                                             : "it takes lower-case letters, digits, dashes and dots; not " + name;
      });
  app.add_option("--argo-version", argo_version,
                 "Version of the Argo Workflows that reads the objects (default: what the cluster tells, or 3.7)")
      ->type_name("X.Y")
      ->check([](const std::string& text) -> std::string {
        const auto parsed = parse_argo_version(text);
        return parsed && parsed->release >= 3 ? "" : "it takes a version such as 3.5, and none before 3.0; not " + text;
      });
}

void EngineOptions::apply(ci::Request& request) const {
  request.engine = engine == "argo" ? engine::Engine::argo : engine::Engine::airflow;
  request.namespace_name = namespace_name;
}

void TargetOptions::apply(ci::Request& request) const {
  EngineOptions::apply(request);
  request.image_pull_secret = image_pull_secret;
  request.argo_version = parse_argo_version(argo_version);
}

}  // namespace liminal::cli
