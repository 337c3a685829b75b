#include "liminal/schema/schema.hpp"

#include "command.hpp"

namespace liminal::cli {

namespace {

class SchemaCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "schema"; }
  [[nodiscard]] std::string summary() const override { return "Print the JSON Schema of liminal.yml, for editors"; }
  [[nodiscard]] std::vector<std::string> formats() const override { return {"text", "json"}; }
  void declare(CLI::App&) override {}
  [[nodiscard]] int run(Session& session) override {
    session.out().document(schema::text());
    return 0;
  }
};

}  // namespace

std::unique_ptr<Command> make_schema() {
  return std::make_unique<SchemaCommand>();
}

}  // namespace liminal::cli
