// liminal.toml: any option may stand in it once for all commands that take it, or below [COMMAND] for one of them.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "liminal/base/environment.hpp"
#include "liminal/cli/application.hpp"

namespace liminal::cli {

// A file that is found in the current folder belongs to whoever wrote the repository, which may be the author of a pull
// request: what it has written stays below that folder, and it does not choose credentials. One that the command line
// or the environment names may say anything.
//
// The app, its options and the environment outlive the reader.
class ConfigurationFile final : public CLI::ConfigTOML {
 public:
  ConfigurationFile(const CLI::App& app, const Environment& environment, std::filesystem::path working_folder)
      : app_(app), environment_(environment), working_folder_(std::move(working_folder)) {}

  [[nodiscard]] std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

 private:
  // Whether an environment variable says it already: a variable wins over the file.
  [[nodiscard]] bool overridden(const CLI::Option& option) const;
  // Whether it was found, and not named.
  [[nodiscard]] bool is_found() const;
  // Throws what the parser throws for a bad value.
  void check_trust(const CLI::ConfigItem& item) const;

  const CLI::App& app_;
  const Environment& environment_;
  std::filesystem::path working_folder_;
};

// A liminal.toml of the current folder is a file, and no link that leads out of it. Errors (usage).
[[nodiscard]] Status check_found_configuration(const Machine& machine, const std::vector<std::string>& arguments);

}  // namespace liminal::cli
