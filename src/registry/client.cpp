#include "liminal/registry/client.hpp"

#include <condition_variable>
#include <mutex>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "blobs.hpp"
#include "manifests.hpp"

namespace liminal::registry {

namespace {

// Lets one caller at a time send a blob to a repository; who waited finds it there.
class SingleFlight {
 public:
  using Key = std::pair<Repository, std::string>;

  class Turn {
   public:
    Turn(SingleFlight& flights, Key key) : flights_(flights), key_(std::move(key)) {
      std::unique_lock lock(flights_.mutex_);
      flights_.landed_.wait(lock, [&] { return !flights_.flying_.contains(key_); });
      flights_.flying_.insert(key_);
    }
    ~Turn() {
      {
        const std::lock_guard lock(flights_.mutex_);
        flights_.flying_.erase(key_);
      }
      flights_.landed_.notify_all();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    SingleFlight& flights_;
    Key key_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable landed_;
  std::set<Key> flying_;
};

}  // namespace

struct Client::Parts {
  Parts(const World& world, Options options) : session(world, std::move(options)) {}

  Session session;
  SingleFlight uploads;
};

Client::Client(const World& world, Options options) : parts_(std::make_unique<Parts>(world, std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<std::optional<Descriptor>> Client::find_manifest(const Repository& repository, const std::string& reference) {
  return registry::find_manifest(parts_->session, repository, reference);
}

Result<Manifest> Client::read_manifest(const Repository& repository, const std::string& reference) {
  return registry::read_manifest(parts_->session, repository, reference);
}

Result<Manifest> Client::read_manifest(const Repository& repository, const std::string& reference,
                                       const Platform& platform) {
  auto manifest = read_manifest(repository, reference);
  if (!manifest || !is_index(*manifest)) return manifest;
  auto digest = choose_platform(*manifest, platform, repository.text());
  if (!digest) return tl::unexpected(std::move(digest.error()));
  manifest = read_manifest(repository, *digest);
  if (manifest && is_index(*manifest)) {
    return fail(ErrorKind::failed, fmt::format("the index of {} leads to another index", repository.text()));
  }
  return manifest;
}

Result<std::string> Client::write_manifest(const Repository& repository, const std::string& reference,
                                           const Manifest& manifest) {
  return registry::write_manifest(parts_->session, repository, reference, manifest);
}

Result<std::string> Client::read_blob(const Repository& repository, const Descriptor& blob, std::uint64_t limit) {
  if (blob.size > limit) {
    return fail(ErrorKind::failed, fmt::format("the blob {} of {} has {} bytes, and no more than {} are read here",
                                               blob.digest, repository.text(), blob.size, limit));
  }
  std::string bytes;
  auto read = read_blob(repository, blob, [&](std::string_view piece) -> Status {
    bytes += piece;
    return {};
  });
  if (!read) return tl::unexpected(std::move(read.error()));
  return bytes;
}

Status Client::read_blob(const Repository& repository, const Descriptor& blob,
                         const std::function<Status(std::string_view)>& on_piece) {
  return registry::read_blob(parts_->session, repository, blob, on_piece);
}

Result<bool> Client::has_blob(const Repository& repository, const std::string& digest) {
  const Purpose purpose{repository, "look for a blob of", {pull_scope(repository)}};
  return registry::has_blob(parts_->session, purpose, digest);
}

Result<BlobOutcome> Client::write_blob(const Repository& repository, const Descriptor& blob, const BlobSource& source,
                                       const std::optional<std::string>& mount_from,
                                       const std::function<void(std::uint64_t)>& on_progress) {
  if (auto checked = parts_->session.url(repository, ""); !checked) return tl::unexpected(std::move(checked.error()));
  const SingleFlight::Turn turn(parts_->uploads, {repository, blob.digest});
  return registry::write_blob(parts_->session, repository, blob, source, mount_from, on_progress);
}

}  // namespace liminal::registry
