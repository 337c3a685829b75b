// A requirements file as pip's users write it, with the files it includes, read under rules that let it be reproduced:
// packages by name from indexes, wheels by address or from a folder of the source, nothing that runs code.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "liminal/base/world.hpp"
#include "liminal/pip/requirement_syntax.hpp"

namespace liminal::pip {

struct RequirementLine {
  std::string text;  // one requirement with its hashes, or one option; variables (${PIP_NAME}) not replaced
  std::string file;  // where it stands, relative to the source folder
  unsigned line = 0;
  std::string name;  // of the distribution, as written; empty for an option and for a wheel by its address alone
};

struct RequirementSet {
  std::vector<RequirementLine> options;
  std::vector<RequirementLine> requirements;
  std::vector<RequirementLine> constraints;
  std::vector<std::string> wheel_folders;  // --find-links with folders of the source; relative to it
};

struct PlacedMistake {
  RequirementMistake mistake;
  std::string file;  // relative to the source folder
  unsigned line = 0;
  std::shared_ptr<const std::string> source;  // the file without credentials, for the excerpt; null: it is no text
};

// What is wrong with the lines of `file` (relative to `folder`) and of the files it includes, in their order. Errors: a
// file that cannot be read.
[[nodiscard]] Result<std::vector<PlacedMistake>> check_requirements(const World& world,
                                                                    const std::filesystem::path& folder,
                                                                    const std::string& file);

// Errors: as above; usage, with file and line, where a line is wrong: of several mistakes each is a cause.
[[nodiscard]] Result<RequirementSet> read_requirements(const World& world, const std::filesystem::path& folder,
                                                       const std::string& file);

}  // namespace liminal::pip
