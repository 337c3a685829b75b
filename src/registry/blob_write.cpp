#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "liminal/base/pauses.hpp"

#include "blobs.hpp"
#include "retry.hpp"

namespace liminal::registry {

namespace {

// What a registry, or a server in front of one, takes that refuses a blob in one piece.
constexpr std::uint64_t small_chunk = 4ULL << 20U;
constexpr std::uint64_t largest_minimum = 64ULL << 20U;
constexpr std::uint64_t worth_resuming = 8ULL << 20U;

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// One upload session: where the next bytes go, and how many the registry has.
struct UploadSession {
  HttpUrl location;
  std::uint64_t offset = 0;
  std::uint64_t chunk = 0;  // 0: all in one piece
};

class Upload {
 public:
  Upload(Session& session, const Purpose& purpose, const Descriptor& blob, const BlobSource& source,
         const std::function<void(std::uint64_t)>& on_progress)
      : session_(session),
        purpose_(purpose),
        blob_(blob),
        source_(source),
        on_progress_(on_progress),
        pauses_(session.world) {}

  Result<BlobOutcome> run(const std::optional<std::string>& mount_from) {
    std::optional<UploadSession> upload;
    if (mount_from && *mount_from != purpose_.repository.name) {
      auto mounted = mount(*mount_from, upload);
      if (!mounted) return tl::unexpected(std::move(mounted.error()));
      if (*mounted) return BlobOutcome::mounted;
    }
    for (unsigned attempt = 0;; ++attempt) {
      if (!upload) {
        auto begun = begin();
        if (!begun) return tl::unexpected(std::move(begun.error()));
        upload = std::move(*begun);
      }
      auto response = send_rest(*upload);
      if (response && response->status >= 200 && response->status < 300) return BlobOutcome::uploaded;
      const bool last = attempt + 1 == max_attempts;
      if (last || !recover(upload, response)) return tl::unexpected(explain(std::move(response)));
      if (!pauses_.wait(attempt,
                        response ? retry_after(response->headers, session_.world.clock.now()) : std::nullopt)) {
        return fail(ErrorKind::interrupted, "stopped while waiting to send a blob again");
      }
    }
  }

 private:
  [[nodiscard]] Error explain(Result<HttpResponse> response) {
    if (response) return session_.refusal(purpose_, *response);
    if (response.error().kind == ErrorKind::interrupted) return std::move(response.error());
    return std::move(response.error()).wrap(fmt::format("cannot {} {}", purpose_.doing, purpose_.repository.text()));
  }

  // True: the blob is there now. A refusal of any kind is no failure: the blob is sent then.
  Result<bool> mount(const std::string& from, std::optional<UploadSession>& upload) {
    const Repository other{purpose_.repository.host, from};
    Purpose both = {purpose_.repository, purpose_.doing, purpose_.scopes};
    both.scopes.push_back(pull_scope(other));
    auto url = session_.url(purpose_.repository, fmt::format("blobs/uploads/?mount={}&from={}", blob_.digest,
                                                             percent_encode(api_name(other), "/")));
    if (!url) return tl::unexpected(std::move(url.error()));
    HttpRequest request;
    request.method = "POST";
    request.url = url->text();
    auto response = session_.send_once(both, request);
    if (!response) {
      if (response.error().kind == ErrorKind::interrupted) return tl::unexpected(std::move(response.error()));
      return false;
    }
    if (response->status == 201) return true;
    if (response->status == 202) {
      auto begun = session_of(*url, *response);
      if (begun) upload = std::move(*begun);
    }
    return false;
  }

  Result<UploadSession> begin() {
    auto url = session_.url(purpose_.repository, "blobs/uploads/");
    if (!url) return tl::unexpected(std::move(url.error()));
    HttpRequest request;
    request.method = "POST";
    request.url = url->text();
    auto response = session_.send(purpose_, request);
    if (!response) return tl::unexpected(std::move(response.error()));
    if (response->status != 202) return tl::unexpected(session_.refusal(purpose_, *response));
    return session_of(*url, *response);
  }

  Result<UploadSession> session_of(const HttpUrl& url, const HttpResponse& response) {
    auto location = next_location(url, response);
    if (!location) return tl::unexpected(std::move(location.error()));
    UploadSession upload{std::move(*location), 0, chunk_};
    const auto minimum = parse_number(response.headers.get("OCI-Chunk-Min-Length").value_or(""));
    if (upload.chunk > 0 && minimum) upload.chunk = std::clamp(upload.chunk, *minimum, largest_minimum);
    return upload;
  }

  Result<HttpUrl> next_location(const HttpUrl& url, const HttpResponse& response) {
    const std::string text = response.headers.get("Location").value_or("");
    auto location = text.empty() ? Result<HttpUrl>(url) : url.resolve(text);
    if (!location)
      return tl::unexpected(
          std::move(location.error()).wrap(fmt::format("{} names no address to send a blob to", url.authority())));
    if (auto checked = check_redirect(url, *location); !checked) return tl::unexpected(std::move(checked.error()));
    return location;
  }

  // A body of `size` bytes of the blob from `offset` on.
  Result<HttpBodySource> body(std::uint64_t offset, std::uint64_t size) {
    struct State {
      BlobSource::Reader read;
      std::uint64_t sent = 0;
    };
    auto state = std::make_shared<State>();
    const auto open = [this, state, offset]() -> Status {
      auto reader = source_.open(offset);
      if (!reader) return tl::unexpected(std::move(reader.error()));
      *state = {std::move(*reader), 0};
      return {};
    };
    if (auto opened = open(); !opened) return tl::unexpected(std::move(opened.error()));
    HttpBodySource source;
    source.size = size;
    source.rewind = open;
    source.read = [this, state, offset, size](char* buffer, std::size_t capacity) -> Result<std::size_t> {
      const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, size - state->sent));
      if (most == 0) return 0;
      auto count = state->read(buffer, most);
      if (!count) return count;
      if (*count == 0)
        return fail(ErrorKind::failed,
                    fmt::format("the blob {} is shorter than its {} bytes", blob_.digest, blob_.size));
      state->sent += *count;
      if (on_progress_) on_progress_(offset + state->sent);
      return count;
    };
    return source;
  }

  // Everything that the registry has not yet: in one PUT, or in PATCHes that end with an empty one.
  Result<HttpResponse> send_rest(UploadSession& upload) {
    while (upload.offset < blob_.size && (upload.chunk > 0 || upload.offset > 0)) {
      const std::uint64_t left = blob_.size - upload.offset;
      const std::uint64_t size = upload.chunk == 0 ? left : std::min(left, upload.chunk);
      HttpRequest request;
      request.method = "PATCH";
      request.url = upload.location.text();
      request.headers.add("Content-Type", "application/octet-stream");
      request.headers.add("Content-Range", fmt::format("{}-{}", upload.offset, upload.offset + size - 1));
      auto response = send_body(request, upload.offset, size);
      if (!response || response->status < 200 || response->status >= 300) return response;
      auto location = next_location(upload.location, *response);
      if (!location) return tl::unexpected(std::move(location.error()));
      upload.location = std::move(*location);
      upload.offset += size;
    }
    HttpRequest request;
    request.method = "PUT";
    request.url = upload.location.text();
    request.url += (upload.location.target.find('?') == std::string::npos ? "?digest=" : "&digest=") +
                   percent_encode(blob_.digest);
    request.headers.add("Content-Type", "application/octet-stream");
    return send_body(request, upload.offset, blob_.size - upload.offset);
  }

  Result<HttpResponse> send_body(HttpRequest& request, std::uint64_t offset, std::uint64_t size) {
    if (size > 0) {
      auto source = body(offset, size);
      if (!source) return tl::unexpected(std::move(source.error()));
      request.body_source = std::move(*source);
    }
    return session_.send_once(purpose_, request);
  }

  // Makes the next attempt possible: the same session from where it is, or none, so that a new one is begun.
  bool recover(std::optional<UploadSession>& upload, const Result<HttpResponse>& response) {
    const bool passing = response ? is_passing_status(response->status) : response.error().transient;
    if (passing) {
      if (blob_.size < worth_resuming || !ask_offset(*upload)) upload.reset();
      return true;
    }
    if (!response) return false;
    const bool too_large = response->status == 413 || response->status == 416;
    if (too_large && chunk_ == 0 && blob_.size > small_chunk) {
      chunk_ = small_chunk;
      upload.reset();
      return true;
    }
    const std::string code = error_code(*response);
    const bool lost = code == "BLOB_UPLOAD_UNKNOWN" || code == "BLOB_UPLOAD_INVALID";
    if (lost) upload.reset();
    return lost;
  }

  // How much of the session the registry has. It is believed only when that can be true: more than it confirmed
  // before, and no more than was there to send.
  bool ask_offset(UploadSession& upload) {
    HttpRequest request;
    request.url = upload.location.text();
    const auto response = session_.send_once(purpose_, request);
    if (!response || response->status != 204) return false;
    const std::string range = response->headers.get("Range").value_or("");
    const auto end = range.starts_with("0-") ? parse_number(std::string_view(range).substr(2)) : std::nullopt;
    if (!end || *end == 0 || *end + 1 < upload.offset || *end + 1 > blob_.size) return false;
    auto location = next_location(upload.location, *response);
    if (!location) return false;
    upload.location = std::move(*location);
    upload.offset = *end + 1;
    return true;
  }

  Session& session_;
  const Purpose& purpose_;
  const Descriptor& blob_;
  const BlobSource& source_;
  const std::function<void(std::uint64_t)>& on_progress_;
  Pauses pauses_;
  std::uint64_t chunk_ = 0;
};

}  // namespace

Result<BlobOutcome> write_blob(Session& session, const Repository& repository, const Descriptor& blob,
                               const BlobSource& source, const std::optional<std::string>& mount_from,
                               const std::function<void(std::uint64_t)>& on_progress) {
  const Purpose purpose{repository, "write a blob of", {push_scope(repository)}};
  const Session::Slot slot(session, repository.host);
  auto there = has_blob(session, purpose, blob.digest);
  if (!there) return tl::unexpected(std::move(there.error()));
  if (*there) return BlobOutcome::there;
  return Upload(session, purpose, blob, source, on_progress).run(mount_from);
}

}  // namespace liminal::registry
