// The engine's streams: JSON objects one after the other, in pieces that end anywhere.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "liminal/base/json.hpp"
#include "liminal/base/result.hpp"

namespace liminal::docker {

class JsonStream {
 public:
  explicit JsonStream(std::function<void(const Json&)> on_object) : on_object_(std::move(on_object)) {}

  // Error (failed): what comes is no JSON, or one object is larger than a megabyte.
  Status feed(std::string_view piece);
  Status finish();

 private:
  Status take(std::string_view line);

  std::function<void(const Json&)> on_object_;
  std::string pending_;
};

}  // namespace liminal::docker
