#include "json_stream.hpp"

#include <utility>

namespace liminal::docker {

namespace {

constexpr std::size_t object_limit = 1U << 20U;

}  // namespace

Status JsonStream::take(std::string_view line) {
  while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
  if (line.empty()) return {};
  const Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return fail(ErrorKind::failed, "the Docker Engine sent something that is no JSON object");
  on_object_(object);
  return {};
}

Status JsonStream::feed(std::string_view piece) {
  pending_ += piece;
  std::size_t start = 0;
  for (std::size_t end = 0; (end = pending_.find('\n', start)) != std::string::npos; start = end + 1) {
    if (auto taken = take(std::string_view(pending_).substr(start, end - start)); !taken) return taken;
  }
  pending_.erase(0, start);
  if (pending_.size() > object_limit) {
    return fail(ErrorKind::failed, "the Docker Engine sent a message of more than a megabyte");
  }
  return {};
}

Status JsonStream::finish() {
  return take(std::exchange(pending_, {}));
}

}  // namespace liminal::docker
