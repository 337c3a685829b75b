// Images of the engine: looking, naming, loading, and the way to and from registries.
#include <fmt/format.h>

#include "liminal/base/http_url.hpp"
#include "liminal/base/line_splitter.hpp"
#include "liminal/docker/client.hpp"

#include "exchange.hpp"
#include "json_stream.hpp"

namespace liminal::docker {

namespace {

// Follows a stream of progress: the error it ends with, and each status line once.
class TransferOutput {
 public:
  explicit TransferOutput(const std::function<void(std::string_view)>& on_line) : on_line_(on_line) {}

  void take(const Json& object) {
    const std::string status = text_at(object, "status");
    const std::string id = text_at(object, "id");
    const std::string line = id.empty() ? status : id + ": " + status;
    if (!status.empty() && line != last_line_ && on_line_) on_line_(line);
    if (!status.empty()) last_line_ = line;
    if (const std::string loaded = text_at(object, "stream"); !loaded.empty()) text += loaded;
    if (const auto aux = object.find("aux"); aux != object.end()) {
      if (std::string found = text_at(*aux, "Digest"); !found.empty()) digest = std::move(found);
    }
    if (const auto detail = object.find("errorDetail"); detail != object.end()) error = text_at(*detail, "message");
    if (error.empty()) error = text_at(object, "error");
  }

  std::string text;
  std::string digest;
  std::string error;

 private:
  const std::function<void(std::string_view)>& on_line_;
  std::string last_line_;
};

// The engine tells in words alone whether a registry refused it or could not be reached.
void explain(std::string_view text, Error& error) {
  const auto says = [text](std::string_view words) { return text.find(words) != std::string_view::npos; };
  if (says("denied") || says("unauthorized") || says("no basic auth credentials") || says("authentication required")) {
    error.kind = ErrorKind::unavailable;
    error.advice = "log in to the registry (docker login) as someone who may do this";
  } else if (says("dial tcp") || says("no such host") || says("i/o timeout") || says("connection refused")) {
    error.kind = ErrorKind::unavailable;
    error.advice = "check the registry's name, and that the Docker Engine can reach it";
  } else if (says("server gave HTTP response to HTTPS client")) {
    error.kind = ErrorKind::unavailable;
    error.advice = "name the registry under insecure-registries of the Docker Engine's own configuration";
  }
}

Status follow(HttpClient& http, HttpRequest post, TransferOutput& output, std::string_view doing) {
  JsonStream stream([&](const Json& object) { output.take(object); });
  post.idle_timeout = std::chrono::minutes{10};
  post.on_body = [&](std::string_view piece) { return stream.feed(piece); };
  auto response = http.send(post);
  if (!response)
    return tl::unexpected(std::move(response.error()).wrap(fmt::format("the Docker Engine could not {}", doing)));
  if (response->status != 200) {
    // What the registry said to the engine comes before any stream.
    Error error = refusal(doing, *response);
    explain(std::string(error.causes.front()), error);
    return tl::unexpected(std::move(error));
  }
  if (auto finished = stream.finish(); !finished) return finished;
  if (output.error.empty()) return {};
  Error error{ErrorKind::failed, fmt::format("the Docker Engine could not {}", doing), "", {}, {}, false};
  explain(output.error, error);
  error.causes.push_back(one_line(output.error));
  return tl::unexpected(std::move(error));
}

}  // namespace

Result<std::optional<ImageInfo>> Client::inspect_image(const std::string& reference) const {
  auto response = world_->http.send(request("GET", fmt::format("/images/{}/json", percent_encode(reference, "/:@"))));
  const std::string doing = fmt::format("look at the image {}", reference);
  if (!response)
    return tl::unexpected(std::move(response.error()).wrap(fmt::format("the Docker Engine could not {}", doing)));
  if (response->status == 404) return std::optional<ImageInfo>();
  if (response->status != 200) return tl::unexpected(refusal(doing, *response));
  const Json body = Json::parse(response->body, nullptr, false);
  ImageInfo info;
  info.id = text_at(body, "Id");
  if (info.id.empty())
    return fail(ErrorKind::failed, fmt::format("the Docker Engine did not tell the id of {}", reference));
  if (const auto digests = body.find("RepoDigests"); digests != body.end() && digests->is_array()) {
    for (const Json& digest : *digests) {
      if (digest.is_string()) info.repo_digests.push_back(digest.get<std::string>());
    }
  }
  if (const auto config = body.find("Config"); config != body.end() && config->is_object()) {
    if (const auto labels = config->find("Labels"); labels != config->end()) info.labels = to_map(*labels);
  }
  if (const auto size = body.find("Size"); size != body.end() && size->is_number_unsigned()) info.size = *size;
  return std::optional(std::move(info));
}

Status Client::tag_image(const std::string& source, const std::string& repository, const std::string& tag) const {
  return tell(world_->http,
              request("POST", fmt::format("/images/{}/tag?repo={}&tag={}", percent_encode(source, "/:@"),
                                          percent_encode(repository), percent_encode(tag))),
              fmt::format("name the image {}:{}", repository, tag));
}

Result<std::vector<std::string>> Client::load(HttpBodySource archive) const {
  const std::function<void(std::string_view)> nobody;
  TransferOutput output(nobody);
  HttpRequest post = request("POST", "/images/load?quiet=1");
  post.headers.add("Content-Type", "application/x-tar");
  post.body_source = std::move(archive);
  if (auto loaded = follow(world_->http, std::move(post), output, "load the image"); !loaded) {
    return tl::unexpected(std::move(loaded.error()));
  }
  std::vector<std::string> names;
  LineSplitter lines([&](std::string_view line) {
    // "Loaded image: NAME" or "Loaded image ID: sha256:..."
    if (const auto colon = line.find(": "); line.starts_with("Loaded image") && colon != std::string_view::npos) {
      names.emplace_back(line.substr(colon + 2));
    }
  });
  lines.feed(output.text);
  lines.finish();
  return names;
}

Status Client::pull(const std::string& reference, const std::optional<RegistryLogin>& login,
                    const std::function<void(std::string_view)>& on_line) const {
  TransferOutput output(on_line);
  const auto at = reference.find('@');
  const auto colon = reference.rfind(':');
  const bool has_tag =
      at == std::string::npos && colon != std::string::npos && reference.find('/', colon) == std::string::npos;
  // Without a tag the engine would fetch every one of them.
  const std::string tag = at != std::string::npos ? reference.substr(at + 1)
                          : has_tag               ? reference.substr(colon + 1)
                                                  : "latest";
  const std::string name = at != std::string::npos ? reference.substr(0, at)
                           : has_tag               ? reference.substr(0, colon)
                                                   : reference;
  HttpRequest post =
      request("POST", fmt::format("/images/create?fromImage={}&tag={}", percent_encode(name), percent_encode(tag)));
  post.headers.add("X-Registry-Auth", registry_auth_header(login));
  return follow(world_->http, std::move(post), output, fmt::format("pull {}", reference));
}

Result<std::string> Client::push(const std::string& repository, const std::string& tag,
                                 const std::optional<RegistryLogin>& login,
                                 const std::function<void(std::string_view)>& on_line) const {
  TransferOutput output(on_line);
  const std::string doing = fmt::format("push {}:{}", repository, tag);
  HttpRequest post =
      request("POST", fmt::format("/images/{}/push?tag={}", percent_encode(repository, "/:"), percent_encode(tag)));
  post.headers.add("X-Registry-Auth", registry_auth_header(login));
  if (auto pushed = follow(world_->http, std::move(post), output, doing); !pushed) {
    return tl::unexpected(std::move(pushed.error()));
  }
  if (output.digest.empty()) {
    return fail(ErrorKind::failed,
                fmt::format("the Docker Engine did not tell the digest of {}:{}, which it pushed", repository, tag));
  }
  return output.digest;
}

}  // namespace liminal::docker
