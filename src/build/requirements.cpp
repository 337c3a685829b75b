#include "requirements.hpp"


namespace liminal::build {

namespace {

tl::unexpected<Error> unsupported() {
  return fail(ErrorKind::failed, "requirements.txt cannot be installed by the oci builder of this version",
              "build with --builder docker");
}

}  // namespace

Result<std::string> requirements_text(const World& world, const Requirements& requirements) {
  return world.files.read(requirements.folder / requirements.file);
}

Result<std::vector<Wheel>> download_wheels(const World&, const Requirements&, const PythonEnvironment&, const Options&,
                                           const std::function<void(std::string_view)>&) {
  return unsupported();
}

}  // namespace liminal::build
