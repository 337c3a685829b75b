#include "liminal/schema/schema.hpp"

#include "command.hpp"
#include "usage_error.hpp"

namespace liminal::cli {

namespace {

class SchemaCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "schema"; }
  [[nodiscard]] std::string summary() const override { return "Print the JSON Schema of liminal.yml, for editors"; }
  [[nodiscard]] std::vector<std::string> formats() const override { return {"text", "json"}; }
  void declare(CLI::App& app) override {
    app.add_option("FILE", which_, "Whose: `format` (default) for liminal.yml, `types` for liminal.types.yml")
        ->check(one_of({"format", "types"}));
  }
  [[nodiscard]] int run(Session& session) override {
    session.out().document(which_ == "types" ? schema::types_text() : schema::text());
    return 0;
  }

 private:
  std::string which_;
};

}  // namespace

std::unique_ptr<Command> make_schema() {
  return std::make_unique<SchemaCommand>();
}

}  // namespace liminal::cli
