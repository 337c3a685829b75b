// liminal.toml: any option may stand in it once for all commands that take it, or below [COMMAND] for one of them.
#pragma once

#include <CLI/CLI.hpp>

#include "liminal/base/environment.hpp"

namespace liminal::cli {

// The app, its options and the environment outlive the reader.
class ConfigurationFile final : public CLI::ConfigTOML {
 public:
  ConfigurationFile(const CLI::App& app, const Environment& environment) : app_(app), environment_(environment) {}

  [[nodiscard]] std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

 private:
  // Whether an environment variable says it already: a variable wins over the file.
  [[nodiscard]] bool overridden(const CLI::Option& option) const;

  const CLI::App& app_;
  const Environment& environment_;
};

}  // namespace liminal::cli
