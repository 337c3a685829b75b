// Images that others built, brought to where this program's own are.
#include <fmt/format.h>

#include "liminal/base/checkout.hpp"
#include "liminal/build/build.hpp"
#include "liminal/build/image_layout.hpp"
#include "liminal/docker/client.hpp"
#include "liminal/registry/credentials.hpp"

#include "base_image.hpp"
#include "docker_builder.hpp"
#include "oci_builder.hpp"

namespace liminal::build {

namespace {

Result<BuiltImage> fetch_into_layout(const World& world, ImagePlan plan, const Options& options) {
  const auto found = find_base(world, plan.base, options);
  if (!found) return tl::unexpected(found.error());
  const ImageLayout from(world, found->layout);
  const auto bytes = from.read_blob(found->digest);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto manifest = parse_manifest(*bytes);
  if (!manifest) return tl::unexpected(manifest.error());
  const auto config = from.read_blob(manifest->config.digest);
  if (!config) return tl::unexpected(config.error());
  ImageLayout layout(world, options.output);
  if (auto done = layout.prepare(); !done) return tl::unexpected(std::move(done.error()));
  if (auto done = layout.add_layers(*manifest, from); !done) return tl::unexpected(std::move(done.error()));
  if (auto done = layout.write_blob(manifest->config.media_type, *config); !done)
    return tl::unexpected(std::move(done.error()));
  if (auto done = layout.write_blob("", *bytes); !done) return tl::unexpected(std::move(done.error()));
  plan.digest = found->digest;
  return BuiltImage{std::move(plan), found->digest, false, layers_size(*manifest)};
}

Result<BuiltImage> fetch_into_engine(const World& world, ImagePlan plan) {
  auto engine = docker::Client::connect(world);
  if (!engine) return tl::unexpected(std::move(engine.error()));
  auto image = engine->inspect_image(plan.base);
  if (image && !*image) {
    registry::CredentialStore store(world);
    auto credentials = store.find(plan.name.registry);
    if (!credentials) return tl::unexpected(std::move(credentials.error()));
    std::optional<docker::RegistryLogin> login;
    if (*credentials) {
      login = docker::RegistryLogin{registry::credential_key(plan.name.registry), (*credentials)->username,
                                    (*credentials)->password, (*credentials)->identity_token};
    }
    const std::string item = fmt::format("image {}", plan.base);
    auto pulled = engine->pull(plan.base, login, [&](std::string_view line) { world.progress.output(item, line); });
    if (!pulled) return tl::unexpected(std::move(pulled.error()));
    image = engine->inspect_image(plan.base);
  }
  if (!image) return tl::unexpected(std::move(image.error()));
  if (!*image) return fail(ErrorKind::failed, fmt::format("the Docker Engine has no image {}", plan.base));
  plan.digest = (*image)->id;
  return BuiltImage{std::move(plan), (*image)->id, false, (*image)->size};
}

}  // namespace

Result<BuiltImage> fetch(const World& world, const std::string& reference, const Options& options) {
  ImagePlan plan;
  plan.base = reference;
  plan.builder = options.builder;
  const auto found = base_place(reference, options);
  if (!found) return tl::unexpected(found.error());
  const std::string& place = *found;
  if (plan.builder == Builder::automatic)
    plan.builder = !model::names_folder(place) && docker_answers(world) ? Builder::docker : Builder::oci;
  if (!model::names_folder(place)) {
    auto name = model::ImageReference::parse(place);
    if (!name) return tl::unexpected(std::move(name.error()));
    plan.name = *std::move(name);
    if (plan.builder == Builder::docker) plan.base = place;
  }
  return plan.builder == Builder::docker ? fetch_into_engine(world, std::move(plan))
                                         : fetch_into_layout(world, std::move(plan), options);
}

}  // namespace liminal::build
