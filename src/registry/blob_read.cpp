#include <fmt/format.h>

#include "liminal/base/sha256.hpp"

#include "blobs.hpp"
#include "retry.hpp"

namespace liminal::registry {

namespace {

// A download that goes on where it broke off. Each byte reaches the caller and the hash once.
class Download {
 public:
  Download(Session& session, const Purpose& purpose, const Descriptor& blob,
           const std::function<Status(std::string_view)>& on_piece)
      : session_(session), purpose_(purpose), blob_(blob), on_piece_(on_piece) {}

  Status run(const HttpUrl& url) {
    auto response = send_with_retries(session_.world, [&] { return session_.follow(purpose_, request_for(url)); });
    if (!response)
      return tl::unexpected(
          std::move(response.error()).wrap(fmt::format("cannot {} {}", purpose_.doing, purpose_.repository.text())));
    if (response->status != 200 && response->status != 206)
      return tl::unexpected(session_.refusal(purpose_, *response));
    const std::string digest = "sha256:" + hash_.hex();
    if (delivered_ == blob_.size && digest == blob_.digest) return {};
    return tl::unexpected(
        Error{ErrorKind::failed,
              fmt::format("{} sent something else than the blob {}", purpose_.repository.text(), blob_.digest),
              "what was sent is not used; tell who runs the registry",
              {fmt::format("{} of {} bytes, with the digest {}", delivered_, blob_.size, digest)},
              {},
              false});
  }

 private:
  HttpRequest request_for(const HttpUrl& url) {
    HttpRequest request;
    request.url = url.text();
    request.body_limit = 64U << 10U;  // of an error; the blob itself goes to on_body
    if (delivered_ > 0) request.headers.add("Range", fmt::format("bytes={}-", delivered_));
    request.on_answer = [this](const HttpResponse& answer) { return start(answer); };
    request.on_body = [this](std::string_view piece) { return take(piece); };
    return request;
  }

  Status start(const HttpResponse& answer) {
    skip_ = 0;
    if (delivered_ == 0) return {};
    if (answer.status == 206 &&
        answer.headers.get("Content-Range").value_or("").starts_with(fmt::format("bytes {}-", delivered_))) {
      return {};
    }
    if (answer.status == 206)
      return fail(ErrorKind::failed, "the registry sent another part of the blob than was asked for");
    skip_ = delivered_;  // the whole blob again
    return {};
  }

  Status take(std::string_view piece) {
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, piece.size()));
    skip_ -= skipped;
    piece.remove_prefix(skipped);
    if (delivered_ + piece.size() > blob_.size) {
      return fail(ErrorKind::failed, fmt::format("{} sent more than the {} bytes of the blob {}",
                                                 purpose_.repository.text(), blob_.size, blob_.digest));
    }
    hash_.update(piece);
    delivered_ += piece.size();
    return piece.empty() ? Status() : on_piece_(piece);
  }

  Session& session_;
  const Purpose& purpose_;
  const Descriptor& blob_;
  const std::function<Status(std::string_view)>& on_piece_;
  Sha256 hash_;
  std::uint64_t delivered_ = 0;
  std::uint64_t skip_ = 0;
};

}  // namespace

Status read_blob(Session& session, const Repository& repository, const Descriptor& blob,
                 const std::function<Status(std::string_view)>& on_piece) {
  if (auto checked = check_digest(blob.digest); !checked) return checked;
  const Purpose purpose{repository, "read a blob of", {pull_scope(repository)}};
  auto url = session.url(repository, "blobs/" + blob.digest);
  if (!url) return tl::unexpected(std::move(url.error()));
  const Session::Slot slot(session, repository.host);
  return Download(session, purpose, blob, on_piece).run(*url);
}

Result<bool> has_blob(Session& session, const Purpose& purpose, const std::string& digest) {
  if (auto checked = check_digest(digest); !checked) return tl::unexpected(std::move(checked.error()));
  auto url = session.url(purpose.repository, "blobs/" + digest);
  if (!url) return tl::unexpected(std::move(url.error()));
  HttpRequest request;
  request.method = "HEAD";
  request.url = url->text();
  auto response = session.send(purpose, request);
  if (!response) return tl::unexpected(std::move(response.error()));
  if (response->status == 404) return false;
  // A redirect leads to storage that has it.
  if (response->status >= 200 && response->status < 400) return true;
  return tl::unexpected(session.refusal(purpose, *response));
}

}  // namespace liminal::registry
