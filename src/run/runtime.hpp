// What runs a container: one small interface over crun, runc and the Docker Engine.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/world.hpp"
#include "liminal/build/build.hpp"

#include "limits.hpp"

namespace liminal::run {

struct Bind {
  std::filesystem::path source;  // absolute, exists
  std::string destination;       // absolute, in the container
  bool read_only = false;
};

struct Container {
  std::string name;  // unique in the run; letters, digits, dashes
  const build::BuiltImage* image = nullptr;
  std::vector<std::string> command;
  std::map<std::string, std::string> environment;  // over the image's own
  std::vector<Bind> binds;
  Limits limits;
  std::optional<std::chrono::milliseconds> timeout;
  std::function<void(std::string_view)> on_line;  // both streams; called from one thread
};

struct Exit {
  int status = 0;
  bool timed_out = false;
  bool cancelled = false;
  std::string detail;          // why, when there is more to say than the status
  bool out_of_memory = false;  // the kernel killed it at its limit, or the machine's
};

class Runtime {
 public:
  virtual ~Runtime() = default;
  [[nodiscard]] virtual std::string description() const = 0;
  // Makes an image ready to run; called once for each image before any container.
  virtual Status prepare(const build::BuiltImage& image) = 0;
  // Runs to the end and removes what it made. Called from several threads at once. Error: it could not be started.
  virtual Result<Exit> run(const Container& container) = 0;
};

}  // namespace liminal::run
