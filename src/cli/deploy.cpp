#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "liminal/airflow/local_airflow.hpp"
#include "liminal/base/checkout.hpp"
#include "liminal/deploy/changes_text.hpp"
#include "liminal/deploy/saved_plan.hpp"
#include "liminal/kube/cluster_identity.hpp"

#include "cluster_options.hpp"
#include "command.hpp"
#include "usage_error.hpp"

namespace liminal::cli {

namespace {

using report::Style;

// `deploy`, and `create`, which stops after what pipelines need.
class DeployCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "deploy"; }
  [[nodiscard]] std::string summary() const override {
    return "Apply everything to a cluster (--context), deliver DAG files (--dags), or write all into a folder "
           "(--render)";
  }
  void declare(CLI::App& app) override {
    app_ = &app;
    app.add_option("--plan", plan_, "What plan --out wrote: applied as it is, or not at all when the cluster has moved")
        ->type_name("FILE");
    paths_.declare(app);
    app.add_option("--render", folder_,
                   "Folder that gets the objects, one file an object; the same bytes when nothing changed")
        ->type_name("DIR");
    app.add_option(
           "--dags", dags_,
           "Folder that an Airflow reads, which gets the DAG files (where nothing is named: $LIMINAL_HOME/dags)")
        ->type_name("DIR")
        ->envname("LIMINAL_DAGS");
    context_.declare(app);
    changes_.declare(app);
    changes_.declare_image_check(app);
    target_.declare(app);
    images_.declare(app);
  }

  [[nodiscard]] int run(Session& session) override {
    if (!plan_.empty()) return deploy_saved(session);
    auto request = paths_.request(session);
    if (!request) return session.end(request.error());
    if (auto applied = images_.apply(session, *request); !applied) return session.end(applied.error());
    target_.apply(*request);
    request->check_images = !changes_.no_check_images;
    auto targets = find_targets(session, *request);
    if (!targets) return session.end(targets.error());
    ci::Job job(session.world(), std::move(*request), name());
    if (!job.validate()) {
      job.skip("deploy", "the files have errors");
    } else {
      to_targets(session, job, *targets);
    }
    return session.end(job.report());
  }

 private:
  // A plan is complete: what would shape another is a mistake when it is typed. Where a variable or a file says it, it
  // is for the commands that plan.
  [[nodiscard]] Status check_beside_plan(const Session& session) const {
    constexpr std::array<std::string_view, 10> taken{
        "plan",    "context", "kubeconfig",      "cluster-uid",       "timeout",
        "no-wait", "atomic",  "no-check-images", "insecure-registry", "token-server"};
    const auto fail_with = [](const std::string& what) {
      return fail(ErrorKind::usage, fmt::format("--plan applies what was planned, and takes no {}", what),
                  "leave it out, or make a new plan with it: liminal plan --context NAME --out FILE");
    };
    if (!paths_.paths.empty()) return fail_with("PATH");
    if (session.typed("--set")) return fail_with("--set");
    for (const CLI::Option* option : app_->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        const bool fits = std::find(taken.begin(), taken.end(), name) != taken.end();
        const std::string flag = "--" + name;
        if (!fits && option->count() > 0 && session.typed(flag)) return fail_with(flag);
      }
    }
    return {};
  }

  [[nodiscard]] Result<deploy::SavedPlan> read_plan(const Session& session) const {
    if (auto fits = check_beside_plan(session); !fits) return tl::unexpected(std::move(fits.error()));
    const auto folder = session.absolute(".");
    auto plan = deploy::read_saved_plan(session.world(), find_checkout(session.world().files, folder).value_or(folder),
                                        session.absolute(plan_));
    if (!plan) return plan;
    const std::string& context = context_.context;
    if (!context.empty() && context != ContextOptions::current && context != plan->context)
      return fail(ErrorKind::usage, fmt::format("the plan is for context {}, and not for {}", plan->context, context),
                  "leave --context out, or make a plan for that one");
    deploy::Options options = changes_.options();
    options.clean = plan->options.clean;
    options.delete_data = std::move(plan->options.delete_data);
    options.adopt = std::move(plan->options.adopt);
    plan->options = std::move(options);
    return plan;
  }

  int deploy_saved(Session& session) const {
    const auto plan = read_plan(session);
    if (!plan) return session.end(plan.error());
    ContextOptions context = context_;
    if (!context.given()) context.context = plan->context;
    auto client = context.connect(session);
    if (!client) return session.end(client.error());
    if (auto same = kube::check_cluster(*client, plan->cluster, "the plan"); !same) return session.end(same.error());
    auto request = session.request({});
    if (!request) return session.end(request.error());
    if (auto applied = images_.apply(session, *request); !applied) return session.end(applied.error());
    request->check_images = !changes_.no_check_images;
    ci::Job job(session.world(), std::move(*request), name());
    job.deploy_saved(*client, *plan);
    if (session.text()) deploy::print(session.out(), job.cluster());
    return session.end(job.report());
  }

  struct Targets {
    std::optional<kube::Client> cluster;
    std::optional<std::filesystem::path> dags;
  };

  // Where nothing is named: the development cluster of this machine, and the local Airflow's folder. Errors (usage):
  // there is no such cluster, or the engine has no DAG files.
  Result<Targets> find_targets(const Session& session, const ci::Request& request) const {
    Targets targets;
    const bool nothing_named = folder_.empty() && dags_.empty() && !context_.given();
    const bool argo = request.engine == engine::Engine::argo;
    if (argo && !dags_.empty()) return fail(ErrorKind::usage, "Argo Workflows has no DAG files", "leave --dags out");
    if (auto sound = context_.check_without(session); !sound && !nothing_named)
      return tl::unexpected(std::move(sound.error()));
    if (context_.given() || nothing_named) {
      auto cluster = context_.connect_if_any(session);
      if (!cluster) return tl::unexpected(std::move(cluster.error()));
      targets.cluster = std::move(*cluster);
    }
    if (!dags_.empty()) targets.dags = session.absolute(dags_);
    if (nothing_named && argo && !targets.cluster)
      return fail(ErrorKind::usage, "no cluster is named, and the kubeconfig has no current context",
                  "give --context NAME, or --render DIR to write the objects into a folder");
    if (nothing_named && !argo) {
      auto home = airflow::liminal_home(session.machine().environment);
      if (!home) return tl::unexpected(std::move(home.error()));
      targets.dags = *home / "dags";
    }
    return targets;
  }

  // A target that fails leaves those after it alone: the schedule comes last.
  void to_targets(const Session& session, ci::Job& job, Targets& targets) const {
    if (!folder_.empty() && job.render(session.absolute(folder_)) && session.text()) print_written(session.out(), job);
    if (!job.failed() && targets.cluster) {
      job.deploy(*targets.cluster, changes_.options());
      if (session.text()) deploy::print(session.out(), job.cluster());
    }
    if (job.failed() || !targets.dags || !job.deliver_dags(*targets.dags, changes_.clean)) return;
    if (!session.text()) return;
    session.out().line(targets.dags->string(), Style::bold);
    print_written(session.out(), job);
  }

  CLI::App* app_ = nullptr;
  std::string plan_;
  std::string folder_;
  std::string dags_;
  PathOptions paths_;
  ImageOptions images_;
  TargetOptions target_;
  ContextOptions context_;
  ChangeOptions changes_;
};

}  // namespace

void print_written(report::Terminal& out, const ci::Job& job) {
  for (const std::string& path : job.written()->written) out.line("  + " + path, Style::added);
  for (const std::string& path : job.written()->removed) out.line("  - " + path, Style::removed);
  if (!job.written()->unchanged.empty())
    out.line(fmt::format("  = {} unchanged", job.written()->unchanged.size()), Style::dim);
  for (const std::string& note : job.notes()) out.line("note: " + note, Style::note);
}

std::unique_ptr<Command> make_deploy() {
  return std::make_unique<DeployCommand>();
}

}  // namespace liminal::cli
