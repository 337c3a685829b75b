#include "command.hpp"
#include "validated.hpp"

namespace liminal::cli {

namespace {

class ValidateCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "validate"; }
  [[nodiscard]] std::string summary() const override {
    return "Check YAML, schema, rules and what the engine takes; touches nothing outside the repository";
  }
  void declare(CLI::App& app) override {
    paths_.declare(app);
    target_.declare(app);
  }

  [[nodiscard]] int run(Session& session) override {
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    target_.apply(*request);
    request->validation.target = ci::target_of(*request, session.world());
    const auto validated = validate_repository(session, *request, name());
    if (!validated) return session.end(validated.error());
    return session.end(validated->run);
  }

 private:
  PathOptions paths_;
  TargetOptions target_;
};

}  // namespace

std::unique_ptr<Command> make_validate() {
  return std::make_unique<ValidateCommand>();
}

}  // namespace liminal::cli
