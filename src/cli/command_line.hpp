// The program's arguments: the options of all commands, the commands, and the options of each. A command is added and
// its options are declared when something names it: declaring all of them takes as long as validating a file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "command.hpp"

namespace liminal::cli {

class CommandLine {
 public:
  // The options of all commands go into `options`, which has to outlive this.
  explicit CommandLine(GlobalOptions& options);

  // Throws what CLI::App::parse throws. Afterwards the commands that stand among the arguments are declared.
  void parse(const std::vector<std::string>& arguments);

  // For whoever asks about commands that the arguments do not name: their names, and their options, too.
  void add_all();
  void declare_all();

  [[nodiscard]] CLI::App& app() { return app_; }

  // The command that the arguments chose; null when none.
  [[nodiscard]] Command* chosen() const;

 private:
  struct Entry {
    std::unique_ptr<Command> command;
    CLI::App* app = nullptr;  // of app_; null until it is added
    bool declared = false;
  };

  void add(Entry& entry);
  void declare(Entry& entry);
  [[nodiscard]] std::vector<std::string> with_help_as_option(std::vector<std::string> arguments) const;

  CLI::App app_;
  std::vector<Entry> entries_;
};

}  // namespace liminal::cli
