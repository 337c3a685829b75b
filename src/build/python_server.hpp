// What makes an image a server (type `python_server`): a program of Python's standard library alone that answers GET
// and POST with the functions of the image's endpoints, as Apache Liminal's does: port 80 on every address, the
// function called with the request's body, 404 for other paths.
#pragma once

#include <string>
#include <vector>

#include "liminal/model/model.hpp"

#include "staged_image.hpp"

namespace liminal::build {

// Files below /opt/liminal, sorted by their paths: the program, and endpoints.json from the image's endpoints.
[[nodiscard]] std::vector<StagedFile> python_server_files(const model::Image& image);

// What a container of the image runs, in the working folder, where the endpoints' modules are.
[[nodiscard]] std::vector<std::string> python_server_command();

}  // namespace liminal::build
