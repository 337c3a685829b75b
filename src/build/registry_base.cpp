#include "registry_base.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/sha256.hpp"
#include "liminal/base/thread_pool.hpp"
#include "liminal/build/image_layout.hpp"
#include "liminal/registry/client.hpp"

#include "base_image.hpp"

namespace liminal::build {

namespace {

namespace fs = std::filesystem;

constexpr unsigned blobs_at_once = 4;

ImageLayout kept_images(const World& world, const Options& options) {
  return {world, options.cache / "bases" / "images"};
}

// The file that says which manifest a reference stood for when it was fetched last.
fs::path record_of(const std::string& reference, const Options& options) {
  return options.cache / "bases" / "fetched" / sha256_hex(reference + "\n" + host_architecture());
}

std::optional<std::string> kept_digest(const World& world, const std::string& reference, const Options& options) {
  const fs::path record = record_of(reference, options);
  if (options.no_cache || !world.files.info(record)) return std::nullopt;
  auto digest = world.files.read(record, 4096);
  if (!digest || !kept_images(world, options).has_blob(*digest)) return std::nullopt;
  return *std::move(digest);
}

registry::Client make_client(const World& world, const std::string& reference, const Options& options) {
  registry::Options settings;
  settings.insecure = options.insecure_registries;
  settings.token_servers = options.token_servers;
  settings.on_warning = [&world, reference](std::string_view text) { world.progress.output(reference, text); };
  return {world, std::move(settings)};
}

Result<registry::Manifest> find_manifest(registry::Client& client, const std::string& reference,
                                         registry::Repository& repository, const std::string& planned = {}) {
  const auto parsed = model::ImageReference::parse(reference);
  if (!parsed) return tl::unexpected(parsed.error());
  repository = {parsed->registry, parsed->repository};
  const std::string wanted = !planned.empty()          ? planned
                             : !parsed->digest.empty() ? parsed->digest
                             : parsed->tag.empty()     ? "latest"
                                                       : parsed->tag;
  auto manifest = client.read_manifest(repository, wanted, {"linux", host_architecture(), ""});
  if (!manifest) {
    Error error = std::move(manifest.error()).wrap(fmt::format("the base image {} cannot be fetched", reference));
    if (error.kind == ErrorKind::unavailable) {
      error.advice = fmt::format("{}{}name what stands in for it: --base {}=oci:DIR or --base {}=rootfs:DIR",
                                 error.advice, error.advice.empty() ? "" : "; or ", reference, reference);
    }
    return tl::unexpected(std::move(error));
  }
  return manifest;
}

Status fetch_blob(registry::Client& client, const registry::Repository& repository, const Descriptor& blob,
                  ImageLayout& layout) {
  const auto path = layout.blob_path(blob.digest);
  if (!path) return tl::unexpected(path.error());
  if (layout.has_whole(blob)) return {};
  auto file = FileWriter::create(path->parent_path());
  if (!file) return tl::unexpected(file.error());
  auto read = client.read_blob(repository, {blob.media_type, blob.digest, blob.size},
                               [&](std::string_view piece) { return file->write(piece); });
  if (!read) return read;
  return file->commit(*path);
}

Status fetch_blobs(registry::Client& client, const registry::Repository& repository, const ImageManifest& manifest,
                   ImageLayout& layout) {
  std::vector<Descriptor> blobs = manifest.layers;
  blobs.push_back(manifest.config);
  std::mutex mutex;
  std::optional<Error> failure;
  parallel_for(blobs_at_once, blobs.size(), [&](std::size_t i) {
    {
      const std::lock_guard guard(mutex);
      if (failure) return;
    }
    auto fetched = fetch_blob(client, repository, blobs[i], layout);
    const std::lock_guard guard(mutex);
    if (!fetched && !failure) failure = std::move(fetched.error());
  });
  if (failure) return tl::unexpected(*std::move(failure));
  return {};
}

}  // namespace

Result<std::string> registry_base_digest(const World& world, const std::string& reference, const Options& options) {
  if (auto kept = kept_digest(world, reference, options)) return *std::move(kept);
  registry::Client client = make_client(world, reference, options);
  registry::Repository repository;
  auto manifest = find_manifest(client, reference, repository);
  if (!manifest) return tl::unexpected(std::move(manifest.error()));
  return std::move(manifest->digest);
}

Result<FetchedBase> fetch_base(const World& world, const std::string& reference, const std::string& planned,
                               const Options& options) {
  ImageLayout layout = kept_images(world, options);
  const auto whole_base = [&]() -> std::optional<FetchedBase> {
    auto digest = kept_digest(world, reference, options);
    const bool other = digest && !planned.empty() && *digest != planned;
    if (!digest || other || !layout.has_image(*digest)) return std::nullopt;
    return FetchedBase{*std::move(digest), layout.folder()};
  };
  if (auto kept = whole_base()) return *std::move(kept);

  // Several images on one base, or several runs at once, fetch it once.
  const fs::path record = record_of(reference, options);
  const auto lock = FileLock::acquire(record.string() + ".lock", world.cancellation);
  if (!lock) return tl::unexpected(lock.error());
  if (auto kept = whole_base()) return *std::move(kept);

  registry::Client client = make_client(world, reference, options);
  registry::Repository repository;
  const auto found = find_manifest(client, reference, repository, planned);
  if (!found) return tl::unexpected(found.error());
  const auto manifest = parse_manifest(found->bytes);
  if (!manifest) return tl::unexpected(manifest.error());
  if (auto prepared = layout.prepare(); !prepared) return tl::unexpected(std::move(prepared.error()));
  if (options.no_cache) layout.remove_damaged(*manifest);
  if (auto fetched = fetch_blobs(client, repository, *manifest, layout); !fetched) {
    return tl::unexpected(
        std::move(fetched.error()).wrap(fmt::format("the base image {} cannot be fetched", reference)));
  }
  // The manifest last: a base that is named is whole.
  const auto written = layout.write_blob(found->media_type, found->bytes);
  if (!written) return tl::unexpected(written.error());
  if (auto kept = world.files.write(record, found->digest); !kept) return tl::unexpected(std::move(kept.error()));
  return FetchedBase{found->digest, layout.folder()};
}

}  // namespace liminal::build
