#include "python_server.hpp"

#include <string_view>

#include "liminal/base/json.hpp"

namespace liminal::build {

extern const std::string_view python_server_program;  // python_server.py

namespace {

StagedFile generated(std::string path, std::string content) {
  StagedFile file;
  file.path = std::move(path);
  file.size = content.size();
  file.content = std::move(content);
  return file;
}

}  // namespace

std::vector<StagedFile> python_server_files(const model::Image& image) {
  Json endpoints = Json::array();
  for (const model::Endpoint& endpoint : image.endpoints) {
    endpoints.push_back({{"path", endpoint.path}, {"module", endpoint.module}, {"function", endpoint.function}});
  }
  // Text that is not UTF-8 cannot name a module; it is replaced rather than thrown about.
  std::string list = endpoints.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return {generated("endpoints.json", std::move(list)),
          generated("python_server.py", std::string(python_server_program))};
}

std::vector<std::string> python_server_command() {
  return {"python3", "-u", "/opt/liminal/python_server.py"};
}

}  // namespace liminal::build
