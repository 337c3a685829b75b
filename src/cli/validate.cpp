#include "command.hpp"

namespace liminal::cli {

namespace {

class ValidateCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "validate"; }
  [[nodiscard]] std::string summary() const override { return "Check YAML, schema and rules; touches nothing outside the repository"; }
  void declare(CLI::App& app) override { paths_.declare(app); }

  [[nodiscard]] int run(Session& session) override {
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    ci::Job job(session.world(), std::move(*request), name());
    job.validate();
    return session.end(job);
  }

 private:
  PathOptions paths_;
};

}  // namespace

std::unique_ptr<Command> make_validate() { return std::make_unique<ValidateCommand>(); }

}  // namespace liminal::cli
