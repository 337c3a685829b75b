// From files to resolved systems: discovery, inheritance, defaults and variables (docs/format.md).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/world.hpp"
#include "liminal/diagnostic/diagnostic.hpp"
#include "liminal/document/document.hpp"
#include "liminal/model/model.hpp"

namespace liminal::config {

struct SourceFile {
  std::filesystem::path path;  // absolute
  std::string shown;           // relative to the folder the command was started in where it is below it
  std::string refusal = {};    // why it must not be read: no regular file, or a link out of the repository; else empty
  bool is_folder = false;      // a folder that cannot be searched: `refusal` says why
};

// Every liminal.yml and liminal.yaml below the given files and folders, in byte order of their paths. Hidden folders,
// build output (.liminal, node_modules, virtual environments) and folders reached through links are passed over. A file
// named outright is taken whatever it is called. A file that must not be read is listed with its refusal, which `load`
// reports. `exclude`: patterns of a .gitignore, without `!`, of what is not found though it lies below a folder given;
// from the working folder. Errors (usage): no such path; nothing found, with where it looked; (interrupted): cancelled
// meanwhile.
[[nodiscard]] Result<std::vector<SourceFile>> discover(const World& world, const std::filesystem::path& working_folder,
                                                       const std::vector<std::filesystem::path>& paths,
                                                       const std::vector<std::string>& exclude = {});

struct Options {
  std::map<std::string, std::string> set;  // --set KEY=VALUE: over every variable of that name
};

inline constexpr std::string_view types_file_name = "liminal.types.yml";

// The files that declare types, and which of them count for which file of the project.
struct TypesFiles {
  std::vector<SourceFile> files;
  std::vector<std::shared_ptr<const document::Document>> documents;  // of each, in the same order
  // Of each file of the project: those in its folder and the folders above it, nearest first. Empty when there are
  // none.
  std::vector<std::vector<std::size_t>> of_file;
};

// The files of a repository, read and parsed.
struct Project {
  // Absolute; nothing the files name may lie outside of it: the checked-out repository, or without one the folder that
  // all files are below.
  std::filesystem::path root;
  std::vector<SourceFile> files;
  std::vector<std::shared_ptr<const document::Document>> documents;  // of each file, in the same order
  TypesFiles types;
};

// A liminal.types.yml is read from each folder of a file and those above it, up to the root; one named outright
// declares types too and is none of the project's files. Reports unreadable-file (whose document is then null) and
// empty-file, and what document::parse reports, in the order of the files whatever the number of threads. When it is
// cancelled, the documents that are left are null; the caller looks at world.cancellation, here and after `resolve`.
[[nodiscard]] Project load(const World& world, const std::vector<SourceFile>& files, DiagnosticSink& findings);

// One system for every sub file (type: super files are layers only), in the order of the files. What is wrong with
// names, layers and placeholders is reported (rules: missing-name, duplicate-name, unknown-super, super-cycle,
// placeholder-not-a-scalar), and what is wrong with declared types and the keys of what is of one
// (bad-type-declaration, duplicate-type, unknown-template-key, missing-key), and the rest is still resolved. Names of
// --set that nothing uses are told to world.progress.
[[nodiscard]] std::vector<model::System> resolve(const World& world, const Project& project, const Options& options,
                                                 DiagnosticSink& findings);

}  // namespace liminal::config
