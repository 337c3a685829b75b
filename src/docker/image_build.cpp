// Building an image. A failed build is an answer of status 200 whose stream ends with an error.
#include <algorithm>
#include <deque>

#include <fmt/format.h>

#include "liminal/base/http_url.hpp"
#include "liminal/base/line_splitter.hpp"
#include "liminal/docker/client.hpp"

#include "exchange.hpp"
#include "json_stream.hpp"

namespace liminal::docker {

namespace {

constexpr std::size_t kept_lines = 30;

std::string build_target(const BuildRequest& build) {
  // version=1 is the classic builder: BuildKit needs a session over a hijacked connection.
  std::string target = "/build?version=1&rm=1&forcerm=1";
  const auto add = [&](std::string_view name, std::string_view value) {
    target += fmt::format("&{}={}", name, percent_encode(value));
  };
  for (const std::string& tag : build.tags) add("t", tag);
  add("dockerfile", build.dockerfile);
  if (!build.labels.empty()) add("labels", dump(to_json(build.labels)));
  if (!build.build_args.empty()) add("buildargs", dump(to_json(build.build_args)));
  if (!build.network_mode.empty()) add("networkmode", build.network_mode);
  if (!build.platform.empty()) add("platform", build.platform);
  if (build.no_cache) add("nocache", "1");
  if (build.pull) add("pull", "1");
  return target;
}

// The engine colours what a step writes to its standard error.
std::string without_colours(std::string_view line) {
  std::string text;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line.substr(at).starts_with("\x1b[")) {
      at = std::min(line.find('m', at), line.size());
    } else {
      text += line[at];
    }
  }
  return text;
}

// What the engine tells of its own containers and layers between the output of steps.
bool is_bookkeeping(std::string_view line) {
  return line.starts_with(" ---> ") || line.starts_with("Removing intermediate container ");
}

// Follows a build's stream: the step it is at, the last lines of that step, the image's id, the error.
class BuildOutput {
 public:
  explicit BuildOutput(const std::function<void(std::string_view)>& on_line)
      : on_line_(on_line), lines_([this](std::string_view line) { take_line(line); }) {}

  void take(const Json& object) {
    if (const std::string text = text_at(object, "stream"); !text.empty()) lines_.feed(text);
    if (const std::string text = text_at(object, "status"); !text.empty() && !object.contains("progressDetail")) {
      lines_.feed(text + "\n");
    }
    if (const auto aux = object.find("aux"); aux != object.end()) {
      if (std::string id = text_at(*aux, "ID"); !id.empty()) id_ = std::move(id);
    }
    if (const auto detail = object.find("errorDetail"); detail != object.end()) error_ = text_at(*detail, "message");
    if (error_.empty()) error_ = text_at(object, "error");
  }

  Result<std::string> result() {
    lines_.finish();
    if (error_.empty() && !id_.empty()) return id_;
    Error error{ErrorKind::failed, "the Docker Engine ended the build without an image", "", {}, {}, false};
    if (!error_.empty()) {
      error.message = step_.empty() ? "the build failed" : fmt::format("the build failed at {}", step_);
      error.causes.push_back(one_line(error_));
    }
    error.excerpt.assign(last_.begin(), last_.end());
    return tl::unexpected(std::move(error));
  }

 private:
  void take_line(std::string_view coloured) {
    const std::string text = without_colours(coloured);
    const std::string_view line = text;
    if (is_bookkeeping(line)) return;
    if (line.starts_with("Step ")) {
      step_ = one_line(line);
      last_.clear();
    } else if (line.starts_with("Successfully built ") && id_.empty()) {
      id_ = line.substr(std::string_view("Successfully built ").size());
    }
    last_.emplace_back(line);
    if (last_.size() > kept_lines) last_.pop_front();
    if (on_line_) on_line_(line);
  }

  const std::function<void(std::string_view)>& on_line_;
  LineSplitter lines_;
  std::string step_;
  std::deque<std::string> last_;
  std::string id_;
  std::string error_;
};

}  // namespace

Result<std::string> Client::build(const BuildRequest& build,
                                  const std::function<void(std::string_view)>& on_line) const {
  BuildOutput output(on_line);
  JsonStream stream([&](const Json& object) { output.take(object); });
  HttpRequest post = request("POST", build_target(build));
  post.headers.add("Content-Type", "application/x-tar");
  if (!build.logins.empty()) post.headers.add("X-Registry-Config", registry_config_header(build.logins));
  post.body_source = build.context;
  post.idle_timeout = std::chrono::milliseconds{0};  // a step may be silent for as long as it works
  post.on_body = [&](std::string_view piece) { return stream.feed(piece); };
  auto response = world_->http.send(post);
  if (!response) return tl::unexpected(std::move(response.error()).wrap("the build did not end"));
  if (response->status != 200) return tl::unexpected(refusal("build the image", *response));
  if (auto finished = stream.finish(); !finished) return tl::unexpected(std::move(finished.error()));
  return output.result();
}

}  // namespace liminal::docker
