// The deploy stage. `render_to` writes what would be applied into a folder (GitOps), one file an object.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "liminal/base/world.hpp"
#include "liminal/engine/engine.hpp"
#include "liminal/report/run_report.hpp"

namespace liminal::deploy {

struct WrittenFiles {
  std::vector<std::string> written;  // below the folder, changed or new
  std::vector<std::string> unchanged;
  std::vector<std::string> removed;  // files of an earlier rendering that no object has any more
  report::Stage stage;               // one case an artifact
};

// Writes the artifacts below `folder`. Files that an earlier rendering wrote (listed in its liminal-manifest.json) and
// that are no longer made are removed; files of others are never touched.
[[nodiscard]] Result<WrittenFiles> render_to(const World& world, const engine::Rendered& rendered,
                                             const std::filesystem::path& folder);

}  // namespace liminal::deploy
