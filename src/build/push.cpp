// Sending images to their registries: only what is not there, manifests last, tags after digests, so that a push that
// breaks off leaves every tag on a whole image.
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "liminal/base/byte_size.hpp"
#include "liminal/base/checkout.hpp"
#include "liminal/base/file_stream.hpp"
#include "liminal/base/thread_pool.hpp"
#include "liminal/build/build.hpp"
#include "liminal/build/image_layout.hpp"
#include "liminal/docker/client.hpp"
#include "liminal/registry/client.hpp"
#include "liminal/registry/credentials.hpp"
#include "liminal/report/counted.hpp"

namespace liminal::build {

namespace {

constexpr unsigned blobs_at_once = 4;  // of one image; the client sees to each registry's limit

struct Pushed {
  std::string digest;
  bool changed = true;
  std::size_t blobs = 0;  // that were sent
  std::size_t known = 0;  // that were there, or could be mounted
  std::uint64_t bytes = 0;
};

registry::BlobSource source_of(const std::filesystem::path& path) {
  return {[path](std::uint64_t offset) -> Result<registry::BlobSource::Reader> {
    auto opened = FileReader::open(path);
    if (!opened) return tl::unexpected(std::move(opened.error()));
    const auto file = std::make_shared<FileReader>(std::move(*opened));
    const auto at = std::make_shared<std::uint64_t>(offset);
    return registry::BlobSource::Reader([file, at](char* buffer, std::size_t capacity) -> Result<std::size_t> {
      auto count = file->read_at(*at, buffer, capacity);
      if (count) *at += *count;
      return count;
    });
  }};
}

// Pushes one image after the other; remembers where blobs went, so that a later image mounts what an earlier one sent.
class Pusher {
 public:
  Pusher(const World& world, const Options& options, std::filesystem::path checkout)
      : world_(world),
        options_(options),
        store_(world, checkout),
        client_(world, registry_options(world, options, std::move(checkout))) {}

  Result<Pushed> push(const BuiltImage& image) {
    const model::ImageReference& name = image.plan.name;
    if (name.registry.empty()) {
      return fail(ErrorKind::usage, fmt::format("{} names no registry to push to", name.text()),
                  "give --registry HOST/PREFIX, or write the registry into the image's name");
    }
    return image.plan.builder == Builder::docker ? push_from_docker(image) : push_from_layout(image);
  }

 private:
  static registry::Options registry_options(const World& world, const Options& options,
                                            std::filesystem::path checkout) {
    registry::Options result;
    result.insecure = options.insecure_registries;
    result.token_servers = options.token_servers;
    result.checkout = std::move(checkout);
    result.on_warning = [&world](std::string_view text) { world.progress.output("registry", text); };
    return result;
  }

  Result<Pushed> push_from_docker(const BuiltImage& image) {
    const model::ImageReference& name = image.plan.name;
    const std::string repository = name.registry + "/" + name.repository;
    auto engine = docker::Client::connect(world_);
    if (!engine) return tl::unexpected(std::move(engine.error()));
    auto built = engine->inspect_image(image.digest);
    if (!built) return tl::unexpected(std::move(built.error()));
    if (!*built) {
      return fail(ErrorKind::failed, fmt::format("the Docker Engine has no image {} any more", name.text()),
                  "build it again");
    }
    const auto& known = (*built)->repo_digests;
    const bool was_pushed = std::any_of(
        known.begin(), known.end(), [&](const std::string& digest) { return digest.starts_with(repository + "@"); });
    const auto before = was_pushed ? digest_in_registry(name) : std::nullopt;
    if (before && std::find(known.begin(), known.end(), repository + "@" + *before) != known.end())
      return Pushed{*before, false, 0, 0, 0};
    // The name may have moved on to another image since.
    if (auto named = engine->tag_image(image.digest, repository, name.tag); !named)
      return tl::unexpected(std::move(named.error()));
    auto login = login_for(name.registry);
    if (!login) return tl::unexpected(std::move(login.error()));
    Pushed pushed;
    auto digest = engine->push(repository, name.tag, *login, [&](std::string_view line) {
      if (line.ends_with(": Pushed")) ++pushed.blobs;
      if (line.ends_with(": Layer already exists") || line.find(": Mounted from") != line.npos) ++pushed.known;
    });
    if (!digest) return tl::unexpected(std::move(digest.error()));
    pushed.digest = std::move(*digest);
    pushed.changed = !before || *before != pushed.digest;
    return pushed;
  }

  // What the registry has under this name now. It is the engine that pushes, and it may reach registries that we do
  // not: what we cannot learn is pushed.
  std::optional<std::string> digest_in_registry(const model::ImageReference& name) {
    auto found = client_.find_manifest({name.registry, name.repository}, name.tag);
    if (!found || !*found) return std::nullopt;
    return (*found)->digest;
  }

  Result<std::optional<docker::RegistryLogin>> login_for(const std::string& registry) {
    auto credentials = store_.find(registry);
    if (!credentials) return tl::unexpected(std::move(credentials.error()));
    if (!*credentials) return std::nullopt;
    return docker::RegistryLogin{registry::credential_key(registry), (*credentials)->username, (*credentials)->password,
                                 (*credentials)->identity_token};
  }

  Result<Pushed> push_from_layout(const BuiltImage& image) {
    const model::ImageReference& name = image.plan.name;
    const registry::Repository repository{name.registry, name.repository};
    const ImageLayout layout(world_, options_.output);
    auto bytes = layout.read_blob(image.digest);
    if (!bytes) return tl::unexpected(std::move(bytes.error()).wrap(fmt::format("{} was not built", name.text())));
    auto manifest = parse_manifest(*bytes);
    if (!manifest) return tl::unexpected(std::move(manifest.error()));
    const registry::Manifest document{std::string(registry::oci_manifest), image.digest, std::move(*bytes)};

    Pushed pushed{image.digest, true, 0, 0, 0};
    auto tagged = name.tag.empty() ? Result<std::optional<registry::Descriptor>>(std::nullopt)
                                   : client_.find_manifest(repository, name.tag);
    if (!tagged) return tl::unexpected(std::move(tagged.error()));
    if (*tagged && (*tagged)->digest == image.digest) {
      pushed.changed = false;
      return pushed;
    }
    auto there = client_.find_manifest(repository, image.digest);
    if (!there) return tl::unexpected(std::move(there.error()));
    if (!*there) {
      if (auto sent = push_blobs(layout, repository, *manifest, image, pushed); !sent)
        return tl::unexpected(std::move(sent.error()));
      auto written = client_.write_manifest(repository, image.digest, document);
      if (!written) return tl::unexpected(std::move(written.error()));
    }
    if (!name.tag.empty()) {
      auto written = client_.write_manifest(repository, name.tag, document);
      if (!written) return tl::unexpected(std::move(written.error()));
    }
    return pushed;
  }

  Status push_blobs(const ImageLayout& layout, const registry::Repository& repository, const ImageManifest& manifest,
                    const BuiltImage& image, Pushed& pushed) {
    std::vector<Descriptor> blobs = manifest.layers;
    blobs.push_back(manifest.config);
    std::mutex mutex;
    std::optional<Error> error;
    parallel_for(blobs_at_once, blobs.size(), [&](std::size_t i) {
      {
        const std::lock_guard lock(mutex);
        if (error) return;
      }
      auto outcome = push_blob(layout, repository, blobs[i], image);
      const std::lock_guard lock(mutex);
      if (!outcome) {
        if (!error) error = std::move(outcome.error());
      } else if (*outcome == registry::BlobOutcome::uploaded) {
        ++pushed.blobs;
        pushed.bytes += blobs[i].size;
      } else {
        ++pushed.known;
      }
    });
    if (error) return tl::unexpected(std::move(*error));
    return {};
  }

  Result<registry::BlobOutcome> push_blob(const ImageLayout& layout, const registry::Repository& repository,
                                          const Descriptor& blob, const BuiltImage& image) {
    auto path = layout.blob_path(blob.digest);
    if (!path) return tl::unexpected(std::move(path.error()));
    auto outcome = client_.write_blob(repository, {blob.media_type, blob.digest, blob.size}, source_of(*path),
                                      mount_source(repository, blob.digest, image));
    if (outcome) {
      const std::lock_guard lock(mutex_);
      sent_.try_emplace({repository.host, blob.digest}, repository.name);
    }
    return outcome;
  }

  // A repository of the same registry that has the blob, or probably has: one it was just sent to, else the base's.
  std::optional<std::string> mount_source(const registry::Repository& repository, const std::string& digest,
                                          const BuiltImage& image) {
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = sent_.find({repository.host, digest}); found != sent_.end()) return found->second;
    }
    const auto base = model::ImageReference::parse(image.plan.base);
    if (base && base->registry == repository.host && base->repository != repository.name) return base->repository;
    return std::nullopt;
  }

  const World& world_;
  const Options& options_;
  registry::CredentialStore store_;
  registry::Client client_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::string> sent_;  // host and digest to repository
};

report::Case case_of(const BuiltImage& image) {
  report::Case result;
  if (image.plan.system != nullptr) {
    result.group = image.plan.system->name;
    result.file = image.plan.system->file;
  }
  result.name = image.plan.image == nullptr ? image.plan.name.text() : image.plan.image->name;
  return result;
}

std::string summary_of(const model::ImageReference& name, const Pushed& pushed) {
  const std::string what = fmt::format("{}/{}@{}", name.registry, name.repository, pushed.digest);
  if (!pushed.changed) return what + " is there already";
  // A Docker Engine does not tell how many bytes it sent.
  const std::string size = pushed.bytes == 0 ? "" : fmt::format(" ({})", byte_size(pushed.bytes));
  return fmt::format("{}: {} sent{}, {} there already", what, report::counted(pushed.blobs, "blob"), size,
                     pushed.known);
}

std::filesystem::path checkout_of(const World& world, const std::vector<BuiltImage>& images) {
  for (const BuiltImage& image : images) {
    if (image.plan.system != nullptr) return find_checkout(world.files, image.plan.system->folder).value_or("");
  }
  return {};
}

}  // namespace

Built push(const World& world, const std::vector<BuiltImage>& images, const Options& options) {
  Built result;
  result.stage.name = "push";
  const auto begin = world.clock.monotonic();
  const auto since = [&](Clock::Monotonic start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(world.clock.monotonic() - start);
  };
  Pusher pusher(world, options, checkout_of(world, images));
  std::size_t changed = 0;
  // One after the other: an image's blobs go in parallel, and what two images share is sent once and mounted then.
  for (const BuiltImage& image : images) {
    report::Case outcome = case_of(image);
    const std::string item = "image " + outcome.name;
    const auto start = world.clock.monotonic();
    world.progress.started(item, "pushing");
    auto pushed = pusher.push(image);
    outcome.took = since(start);
    if (pushed) {
      outcome.outcome = pushed->changed ? report::Outcome::passed : report::Outcome::unchanged;
      outcome.summary = summary_of(image.plan.name, *pushed);
      if (pushed->changed) ++changed;
      BuiltImage there = image;
      there.digest = pushed->digest;
      there.plan.digest = pushed->digest;
      result.images.push_back(std::move(there));
      world.progress.finished(item, pushed->changed ? Progress::Outcome::done : Progress::Outcome::unchanged,
                              outcome.summary, outcome.took);
    } else {
      outcome.outcome = report::Outcome::failed;
      outcome.summary = pushed.error().message;
      result.errors.push_back(std::move(pushed.error()).wrap(fmt::format("{} was not pushed", image.plan.name.text())));
      world.progress.finished(item, Progress::Outcome::failed, outcome.summary, outcome.took);
    }
    result.stage.cases.push_back(std::move(outcome));
    if (!result.errors.empty() && result.errors.back().kind == ErrorKind::interrupted) break;
  }
  if (!result.errors.empty()) {
    result.stage.outcome = report::Outcome::failed;
  } else if (changed == 0) {
    result.stage.outcome = report::Outcome::unchanged;
  }
  result.stage.summary = fmt::format("{} pushed, {} there already, {} failed", changed, result.images.size() - changed,
                                     result.errors.size());
  result.stage.took = since(begin);
  return result;
}

}  // namespace liminal::build
