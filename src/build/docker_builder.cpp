#include "docker_builder.hpp"

#include <chrono>
#include <set>

#include <fmt/format.h>

#include "liminal/base/checkout.hpp"
#include "liminal/build/docker_archive.hpp"
#include "liminal/docker/client.hpp"
#include "liminal/registry/credentials.hpp"

#include "base_image.hpp"
#include "dockerfile.hpp"
#include "masked_text.hpp"
#include "pip_configuration.hpp"
#include "tar_stream.hpp"

namespace liminal::build {

namespace {

constexpr const char* key_label = "liminal.content-key";
constexpr std::size_t base_digits_in_tag = 16;
constexpr std::size_t shortest_secret = 4;  // hiding less would garble what is not secret

TarItem to_item(const StagedFile& file, const std::string& folder) {
  TarItem item;
  item.path = folder + "/" + file.path;
  item.mode = file.mode;
  item.link = file.target;
  item.content = file.content;
  item.file = file.from;
  if (file.kind == StagedFile::Kind::file && !file.content) item.size = file.size;
  if (file.kind == StagedFile::Kind::directory) item.kind = TarEntry::Kind::directory;
  if (file.kind == StagedFile::Kind::link) item.kind = TarEntry::Kind::symlink;
  return item;
}

Result<std::string> content_of(const World& world, const StagedImage& staged, const std::string& path) {
  for (const StagedFile& file : staged.files) {
    if (file.path == path && file.kind == StagedFile::Kind::file)
      return file.content ? *file.content : world.files.read(file.from, 16U << 20U);
  }
  return std::string();
}

// Credentials inside addresses: what pip might print of its configuration.
std::set<std::string> secrets_of(std::string_view pip_conf) {
  std::set<std::string> secrets;
  for (std::size_t at = 0; (at = pip_conf.find("://", at)) != std::string_view::npos;) {
    at += 3;
    const auto end = std::min(pip_conf.find_first_of("/ \t\r\n", at), pip_conf.size());
    const std::string_view authority = pip_conf.substr(at, end - at);
    const auto mark = authority.rfind('@');
    if (mark == std::string_view::npos || mark == 0) continue;
    const std::string_view user = authority.substr(0, mark);
    secrets.emplace(user);
    if (const auto colon = user.find(':'); colon != std::string_view::npos && user.size() > colon + shortest_secret)
      secrets.emplace(user.substr(colon + 1));
  }
  return secrets;
}

struct Context {
  std::vector<TarItem> items;
  std::set<std::string> secrets;
};

// A base that is a folder, given to the engine under a name that tells its content.
Result<std::string> load_base(const World& world, const docker::Client& engine, const std::string& base,
                              const Options& options) {
  auto found = find_base(world, base, options);
  if (!found) return tl::unexpected(std::move(found.error()));
  std::string name = "liminal-base:" + found->digest.substr(found->digest.find(':') + 1, base_digits_in_tag);
  auto there = engine.inspect_image(name);
  if (!there) return tl::unexpected(std::move(there.error()));
  if (*there) return name;
  if (auto loaded = load_into_docker(world, engine, found->layout, found->digest, {name}); !loaded)
    return tl::unexpected(std::move(loaded.error()));
  return name;
}

// The base as the engine is to find it.
Result<std::string> base_for_engine(const World& world, const docker::Client& engine, const std::string& base,
                                    const Options& options) {
  auto place = base_place(base, options);
  if (!place) return place;
  if (model::names_folder(*place)) return load_base(world, engine, base, options);
  auto reference = model::ImageReference::parse(*place);
  if (!reference) return tl::unexpected(std::move(reference.error()).wrap(fmt::format("the base image {}", base)));
  return reference->text();
}

Result<Context> make_context(const World& world, const StagedImage& staged, const std::string& base) {
  Context context;
  auto requirements = content_of(world, staged, staged.requirements);
  if (!requirements) return tl::unexpected(std::move(requirements.error()));
  const std::string dockerfile = generate_dockerfile(staged, base, names_other_files(*requirements));
  context.items.push_back({TarEntry::Kind::file, context_dockerfile, 0644, "", dockerfile, {}});
  if (!staged.pip_conf.empty() && !staged.requirements.empty()) {
    auto pip_conf = read_pip_configuration(world, staged.pip_conf);
    if (!pip_conf) return tl::unexpected(std::move(pip_conf.error()));
    context.secrets = secrets_of(*pip_conf);
    context.items.push_back({TarEntry::Kind::file, context_pip_conf, 0600, "", std::move(*pip_conf), {}});
  }
  context.items.push_back({TarEntry::Kind::directory, context_app, 0755, "", std::nullopt, {}});
  for (const StagedFile& file : staged.files) context.items.push_back(to_item(file, context_app));
  if (!staged.server.empty())
    context.items.push_back({TarEntry::Kind::directory, context_server, 0755, "", std::nullopt, {}});
  for (const StagedFile& file : staged.server) context.items.push_back(to_item(file, context_server));
  return context;
}

// The login for the base's registry, if there is one.
Result<std::vector<docker::RegistryLogin>> logins_for(const World& world, const ImagePlan& plan,
                                                      const std::string& base) {
  const auto reference = model::ImageReference::parse(base);
  if (!reference) return std::vector<docker::RegistryLogin>();
  const auto folder = plan.system == nullptr ? std::filesystem::path() : plan.system->folder;
  registry::CredentialStore store(world, find_checkout(world.files, folder).value_or(""));
  auto credentials = store.find(reference->registry);
  if (!credentials) return tl::unexpected(std::move(credentials.error()));
  if (!*credentials) return std::vector<docker::RegistryLogin>();
  return std::vector<docker::RegistryLogin>{{registry::credential_key(reference->registry), (*credentials)->username,
                                             (*credentials)->password, (*credentials)->identity_token}};
}

// A failed build in the user's own words, without what pip may have printed of its configuration.
Error explained(Error error, const StagedImage& staged, const std::set<std::string>& secrets) {
  for (std::string& line : error.excerpt) line = without(secrets, line);
  for (std::string& cause : error.causes) cause = without(secrets, cause);
  if (!staged.requirements.empty() && error.message.find("-m pip install") != std::string::npos) {
    error.message = fmt::format("the packages of {} could not be installed", staged.requirements);
    if (!error.excerpt.empty()) error.excerpt.erase(error.excerpt.begin());  // our own command
  }
  return error;
}

}  // namespace

bool docker_answers(const World& world) {
  return docker::Client::connect(world).has_value();
}

Result<std::optional<std::string>> find_in_docker(const World& world, const std::string& name,
                                                  const std::string& content_key) {
  auto engine = docker::Client::connect(world);
  if (!engine) return tl::unexpected(std::move(engine.error()));
  auto image = engine->inspect_image(name);
  if (!image) return tl::unexpected(std::move(image.error()));
  if (!*image) return std::optional<std::string>();
  const auto label = (*image)->labels.find(key_label);
  if (label == (*image)->labels.end() || label->second != content_key) return std::optional<std::string>();
  return std::optional((*image)->id);
}

Result<BuiltImage> build_with_docker(const World& world, const ImagePlan& plan, const StagedImage& staged,
                                     const Options& options) {
  auto engine = docker::Client::connect(world);
  if (!engine) return tl::unexpected(std::move(engine.error()));
  auto base = base_for_engine(world, *engine, staged.base, options);
  if (!base) return tl::unexpected(std::move(base.error()));
  auto context = make_context(world, staged, *base);
  if (!context) return tl::unexpected(std::move(context.error()));
  auto logins = logins_for(world, plan, *base);
  if (!logins) return tl::unexpected(std::move(logins.error()));

  docker::BuildRequest request;
  request.tags = {plan.name.text()};
  request.labels = {{key_label, staged.content_key}, {"org.opencontainers.image.base.name", staged.base}};
  request.context = tar_stream(std::move(context->items));
  request.dockerfile = context_dockerfile;
  request.network_mode = options.docker_network;
  // Said only where it is not the engine's own: an engine checks it against bases that do not tell theirs.
  if (const std::string own = engine->engine().os + "/" + engine->engine().architecture; plan.platform != own)
    request.platform = plan.platform;
  request.no_cache = staged.no_cache || options.no_cache;
  request.logins = std::move(*logins);
  const std::string item = "image " + (plan.image == nullptr ? plan.name.text() : plan.image->name);
  auto id = engine->build(request, [&](std::string_view line) {
    if (line.starts_with("Step ")) {
      world.progress.step(item, line.substr(0, line.find(" : ")));
    } else {
      world.progress.output(item, without(context->secrets, line));
    }
  });
  if (!id) return tl::unexpected(explained(std::move(id.error()), staged, context->secrets));
  // Some engines shorten the id that a build ends with.
  auto image = engine->inspect_image(*id);
  if (!image) return tl::unexpected(std::move(image.error()));
  if (!*image) return fail(ErrorKind::failed, "the image was removed from the Docker Engine while it was built");
  BuiltImage built{plan, (*image)->id, true, (*image)->size};
  built.plan.digest = built.digest;
  return built;
}

}  // namespace liminal::build
