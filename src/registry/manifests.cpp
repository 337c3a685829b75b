#include "manifests.hpp"

#include <charconv>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "liminal/base/sha256.hpp"
#include "liminal/base/untrusted_json.hpp"

namespace liminal::registry {

namespace {

constexpr std::uint64_t manifest_limit = 8ULL << 20U;

Result<HttpRequest> manifest_request(Session& session, const Repository& repository, const std::string& method,
                                     const std::string& reference) {
  auto url = session.url(repository, "manifests/" + percent_encode(reference, ":"));
  if (!url) return tl::unexpected(std::move(url.error()));
  HttpRequest request;
  request.method = method;
  request.url = url->text();
  request.body_limit = manifest_limit;
  if (method != "PUT") {
    request.headers.add("Accept",
                        fmt::format("{}, {}, {}, {}", oci_manifest, oci_index, docker_manifest, docker_manifest_list));
  }
  return request;
}

std::string without_parameters(const std::string& media_type) {
  return media_type.substr(0, media_type.find(';'));
}

std::string digest_of(std::string_view bytes) {
  return "sha256:" + sha256_hex(bytes);
}

Error wrong_digest(const Repository& repository, const std::string& wanted, const std::string& got) {
  return Error{ErrorKind::failed,
               fmt::format("{} sent something else than {}", repository.text(), wanted),
               "what was sent is not used; tell who runs the registry",
               {fmt::format("its digest is {}", got)},
               {},
               false};
}

// A tag that may not change: no fault when it already names this manifest.
bool is_immutable_tag(const HttpResponse& response) {
  const std::string text = error_text(response);
  return response.status >= 400 && response.status < 500 && response.status != 401 &&
         (text.find("immutab") != std::string::npos || text.find("TAG_INVALID") != std::string::npos);
}

}  // namespace

bool is_index(const Manifest& manifest) {
  return manifest.media_type == oci_index || manifest.media_type == docker_manifest_list;
}

Result<std::optional<Descriptor>> find_manifest(Session& session, const Repository& repository,
                                                const std::string& reference) {
  const Purpose purpose{repository, "look at the manifest of", {pull_scope(repository)}};
  auto request = manifest_request(session, repository, "HEAD", reference);
  if (!request) return tl::unexpected(std::move(request.error()));
  auto response = session.fetch(purpose, *request);
  if (!response) return tl::unexpected(std::move(response.error()));
  if (response->status == 404) return std::optional<Descriptor>();
  const std::string digest = response->headers.get("Docker-Content-Digest").value_or("");
  if (response->status == 405 || (response->status == 200 && !check_digest(digest))) {
    auto manifest = read_manifest(session, repository, reference);
    if (!manifest) return tl::unexpected(std::move(manifest.error()));
    return Descriptor{manifest->media_type, manifest->digest, manifest->bytes.size()};
  }
  if (response->status != 200) return tl::unexpected(session.refusal(purpose, *response));
  Descriptor descriptor{without_parameters(response->headers.get("Content-Type").value_or("")), digest, 0};
  const std::string length = response->headers.get("Content-Length").value_or("0");
  std::from_chars(length.data(), length.data() + length.size(), descriptor.size);
  return descriptor;
}

Result<Manifest> read_manifest(Session& session, const Repository& repository, const std::string& reference) {
  const Purpose purpose{repository, "read the manifest of", {pull_scope(repository)}};
  auto request = manifest_request(session, repository, "GET", reference);
  if (!request) return tl::unexpected(std::move(request.error()));
  auto response = session.fetch(purpose, *request);
  if (!response) return tl::unexpected(std::move(response.error()));
  if (response->status != 200) {
    Error error = session.refusal(purpose, *response);
    if (response->status == 404) error.message = fmt::format("{} has no {}", repository.text(), reference);
    return tl::unexpected(std::move(error));
  }
  Manifest manifest{without_parameters(response->headers.get("Content-Type").value_or("")), digest_of(response->body),
                    std::move(response->body)};
  if (reference.starts_with("sha256:") && reference != manifest.digest) {
    return tl::unexpected(wrong_digest(repository, reference, manifest.digest));
  }
  const std::string told = response->headers.get("Docker-Content-Digest").value_or("");
  if (told.starts_with("sha256:") && told != manifest.digest) {
    return tl::unexpected(wrong_digest(repository, told, manifest.digest));
  }
  const auto body = parse_json(manifest.bytes);
  if (!body || !body->is_object())
    return fail(ErrorKind::failed, fmt::format("the manifest of {} is no JSON object", repository.text()));
  if (const std::string type = text_at(*body, "mediaType"); !type.empty()) manifest.media_type = type;
  return manifest;
}

Result<std::string> choose_platform(const Manifest& index, const Platform& platform, const std::string& name) {
  const Json body = parse_json(index.bytes).value_or(Json());
  const Json none = Json::array();
  const auto entries = body.is_object() ? body.find("manifests") : body.end();
  std::set<std::string> seen;
  for (const Json& entry : entries != body.end() && entries->is_array() ? *entries : none) {
    const auto about = entry.is_object() ? entry.find("platform") : entry.end();
    if (about == entry.end()) continue;
    const std::string os = text_at(*about, "os");
    const std::string architecture = text_at(*about, "architecture");
    const std::string variant = text_at(*about, "variant");
    if (os == "unknown") continue;  // an attestation, not an image
    const bool fits = os == platform.os && architecture == platform.architecture &&
                      (platform.variant.empty() || variant.empty() || variant == platform.variant);
    const std::string digest = text_at(entry, "digest");
    if (fits && check_digest(digest)) return digest;
    seen.insert(variant.empty() ? fmt::format("{}/{}", os, architecture)
                                : fmt::format("{}/{}/{}", os, architecture, variant));
  }
  return fail(ErrorKind::usage, fmt::format("{} has no image for {}/{}", name, platform.os, platform.architecture),
              seen.empty() ? "it lists no platform at all" : fmt::format("it has {}", fmt::join(seen, ", ")));
}

Result<std::string> write_manifest(Session& session, const Repository& repository, const std::string& reference,
                                   const Manifest& manifest) {
  const Purpose purpose{repository, "write the manifest of", {push_scope(repository)}};
  auto request = manifest_request(session, repository, "PUT", reference);
  if (!request) return tl::unexpected(std::move(request.error()));
  request->headers.add("Content-Type", manifest.media_type);
  request->body = manifest.bytes;
  const std::string digest = digest_of(manifest.bytes);
  auto response = session.send(purpose, *request);
  if (!response) return tl::unexpected(std::move(response.error()));
  if (response->status >= 200 && response->status < 300) {
    const std::string told = response->headers.get("Docker-Content-Digest").value_or(digest);
    if (told.starts_with("sha256:") && told != digest) return tl::unexpected(wrong_digest(repository, digest, told));
    return digest;
  }
  if (is_immutable_tag(*response)) {
    const auto there = find_manifest(session, repository, reference);
    if (there && *there && (*there)->digest == digest) return digest;
    Error error = session.refusal(purpose, *response);
    error.message = fmt::format("{}:{} may not change, and holds another image", repository.text(), reference);
    error.advice = "use another tag";
    return tl::unexpected(std::move(error));
  }
  return tl::unexpected(session.refusal(purpose, *response));
}

}  // namespace liminal::registry
