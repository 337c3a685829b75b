// The deploy stage. `render_to` writes what would be applied into a folder (GitOps), one file an object; `deliver_dags`
// writes DAG files into a folder that an Airflow reads.
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

// What is rendered, and where its liminal.yml files lie.
struct Rendering {
  std::string repository;      // the same for every checkout (`remote_name`); empty: unknown
  std::filesystem::path root;  // of the repository; model::System::path starts here
};

// Writes the artifacts below `folder`. Of the files that earlier renderings wrote (listed in its liminal-manifest.json
// with the liminal.yml that each was made of), those of the same repository are removed that the rendered systems do
// not make any more, or whose liminal.yml is gone; files of others are never touched.
[[nodiscard]] Result<WrittenFiles> render_to(const World& world, const engine::Rendered& rendered,
                                             const Rendering& rendering, const std::filesystem::path& folder);

struct Delivery {
  std::string repository;  // whose files they are: the same for every checkout of a repository (`repository_name`)
  bool clean = false;      // remove the systems' files first, and write them anew
  std::vector<std::string> systems;  // besides those of the artifacts: whose files go, since nothing makes them
};

struct DeliveredDags {
  WrittenFiles files;
  std::vector<std::string> notes;  // systems of this repository that are delivered no more, and still lie there
};

// Writes the DAG files among the artifacts into `folder`, each whole or not at all, as SYSTEM/PIPELINE.py. What was
// written for which system is kept in a list beside them; files of earlier deliveries of these systems that are no
// longer made are removed. Errors (usage): a file or a DAG's name is another's, who is named; nothing is written then.
[[nodiscard]] Result<DeliveredDags> deliver_dags(const World& world, const engine::Rendered& rendered,
                                                 const std::filesystem::path& folder, const Delivery& delivery);

// Where a DAG file that is rendered as `rendered_path` lies below the folder of `deliver_dags`.
[[nodiscard]] std::filesystem::path delivered_path(const std::filesystem::path& rendered_path);

// Where git says that the repository of a folder comes from, without user and password; empty where it comes from
// nowhere.
[[nodiscard]] std::string remote_name(const World& world, const std::filesystem::path& folder);
// The same, or else the folder itself.
[[nodiscard]] std::string repository_name(const World& world, const std::filesystem::path& folder);

}  // namespace liminal::deploy
