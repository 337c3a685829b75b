#include <fmt/format.h>

#include "command.hpp"

namespace liminal::cli {

namespace {

class VersionCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "version"; }
  [[nodiscard]] std::string summary() const override { return "Print the version"; }
  [[nodiscard]] std::vector<std::string> formats() const override { return {"text"}; }
  void declare(CLI::App&) override {}
  [[nodiscard]] int run(Session& session) override {
    session.out().line(fmt::format("liminal {}", version));
    return 0;
  }
};

}  // namespace

std::unique_ptr<Command> make_version() {
  return std::make_unique<VersionCommand>();
}

}  // namespace liminal::cli
