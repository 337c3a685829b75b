#include "liminal/config/resolved.hpp"

#include "command.hpp"

namespace liminal::cli {

namespace {

class ResolveCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "resolve"; }
  [[nodiscard]] std::string summary() const override {
    return "Print the configuration after inheritance, defaults and variables";
  }
  void declare(CLI::App& app) override { paths_.declare(app); }
  [[nodiscard]] std::vector<std::string> formats() const override { return {"text", "json"}; }

  // Prints what could be resolved whatever is wrong with it: seeing it is how one finds out.
  [[nodiscard]] int run(Session& session) override {
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    const auto files = config::discover(session.world(), request->working_folder,
                                        request->paths.empty() ? std::vector{request->working_folder} : request->paths,
                                        request->exclude);
    if (!files) return session.end(files.error());
    DiagnosticList findings;
    const auto project = config::load(session.world(), *files, findings);
    const auto systems = config::resolve(session.world(), project, request->validation.config, findings);
    if (session.world().cancellation.requested())
      return session.end(fail(ErrorKind::interrupted, "stopped while resolving").value());
    if (session.options().format == "json") {
      session.out().document(report::json_document(config::resolved_json(systems)));
    } else {
      const auto shown = [](std::string_view text) { return report::printable(text) == text; };
      session.out().text(config::resolved_text(systems, shown));
    }
    report::RunReport run = session.new_report();
    run.findings = std::move(findings.items);
    run.files_checked = files->size();
    return session.end_quietly(std::move(run));
  }

 private:
  PathOptions paths_;
};

}  // namespace

std::unique_ptr<Command> make_resolve() {
  return std::make_unique<ResolveCommand>();
}

}  // namespace liminal::cli
