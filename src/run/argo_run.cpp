#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "liminal/base/random.hpp"
#include "liminal/base/rfc3339.hpp"
#include "liminal/base/shell_word.hpp"
#include "liminal/engine/argo_submission.hpp"
#include "liminal/engine/engine.hpp"
#include "liminal/kube/events.hpp"
#include "liminal/kube/ownership.hpp"
#include "liminal/run/on_target.hpp"

#include "argo_progress.hpp"
#include "argo_workflows.hpp"
#include "kept_tasks.hpp"
#include "outage.hpp"
#include "pod_logs.hpp"
#include "run_outcome.hpp"
#include "scheduler.hpp"

namespace liminal::run {

namespace {

constexpr std::chrono::milliseconds pause{700};
constexpr std::chrono::seconds controller_patience{20};
constexpr std::chrono::seconds pod_patience{10};  // of a pod that does not begin, until the cluster is asked why
// Tasks that a run left out because they had succeeded before, as JSON: a run that resumes it leaves them out, too.
constexpr const char* kept_annotation = "liminal/kept-tasks";
constexpr const char* workflow_label = "workflows.argoproj.io/workflow";
constexpr const char* node_annotation = "workflows.argoproj.io/node-id";

class ArgoRun {
 public:
  ArgoRun(const World& world, kube::Client& client, const model::System& system, const model::Pipeline& pipeline,
          std::string namespace_name, const Request& request)
      : world_(world),
        client_(client),
        system_(system),
        pipeline_(pipeline),
        namespace_(std::move(namespace_name)),
        request_(request),
        logs_(world, client) {}

  Result<RunResult> go() {
    const auto begin = world_.clock.monotonic();
    if (auto checked = check_task_names(pipeline_, request_.only_tasks); !checked)
      return tl::unexpected(std::move(checked.error()));
    auto deployed = read_template();
    if (!deployed) return tl::unexpected(std::move(deployed.error()));
    if (auto prepared = prepare(*deployed); !prepared) return tl::unexpected(std::move(prepared.error()));
    result_.runtime = fmt::format("Argo Workflows in namespace {} of {}", namespace_, where());
    if (!nothing_left_) {
      if (auto created = create(*deployed); !created) return tl::unexpected(std::move(created.error()));
      if (auto followed = follow(); !followed) return tl::unexpected(std::move(followed.error()));
    } else {
      result_.run_id = resumed_;
      result_.succeeded = true;
      settle({});
    }
    end_target_run(result_, system_, pipeline_, request_,
                   std::chrono::ceil<std::chrono::milliseconds>(world_.clock.monotonic() - begin));
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::string where() const {
    return client_.connection().context.empty() ? std::string("this pod's cluster")
                                                : fmt::format("context {}", client_.connection().context);
  }

  [[nodiscard]] kube::Reference workflow(std::string name) const {
    return {argo_type("Workflow"), namespace_, std::move(name)};
  }

  Result<Json> read_template() {
    const kube::Reference target{argo_type("WorkflowTemplate"), namespace_, engine::argo_name(pipeline_)};
    auto answer = client_.call({kube::Verb::get, target, {}, {}, {}, false});
    if (!answer) return tl::unexpected(std::move(answer.error()));
    if (answer->not_found()) {
      return fail(
          ErrorKind::usage,
          fmt::format("pipeline {} is not deployed to Argo in namespace {} of {}", pipeline_.name, namespace_, where()),
          "deploy it first: liminal deploy --engine argo, with the same --context and --namespace");
    }
    if (!answer->ok()) return tl::unexpected(kube::refusal("get", target, *answer));
    if (auto ours = check_owner(target, answer->body); !ours) return tl::unexpected(std::move(ours.error()));
    return std::move(answer->body);
  }

  // Pipelines of two systems may have one name. By the label that `render` writes: a template that a GitOps tool
  // applied has no other.
  Status check_owner(const kube::Reference& target, const Json& deployed) const {
    const std::string owner = label(deployed, system_label);
    if (owner == engine::kubernetes_name(system_.name)) return {};
    const bool rendered_alone = !owner.empty() && annotation(deployed, kube::set_annotation).empty();
    return fail(ErrorKind::usage,
                fmt::format("pipeline {} is not deployed to Argo by system {}: {} {}", pipeline_.name, system_.name,
                            target.text(), rendered_alone ? "is part of " + owner : kube::whose(deployed)),
                "deploy it into a namespace of its own (--namespace), or give the pipeline another name");
  }

  // For Argo's own program.
  [[nodiscard]] std::string argo_command(std::string_view verb) const {
    const std::string& context = client_.connection().context;
    return fmt::format("argo {} {} -n {}{}", verb, submission_.name, namespace_,
                       context.empty() ? "" : " --context " + shell_word(context));
  }

  // What is run, of whom, and what is left out.
  Status prepare(const Json& deployed) {
    for (const auto& [name, value] : request_.params) {
      if (document::holds_template(value))
        return fail(ErrorKind::usage,
                    fmt::format("the value of `--param {}` holds `{{{{`, which Argo would render", name),
                    "give it without, or run it by Airflow, where it is a text");
    }
    submission_.name = fmt::format("{}-{}", engine::argo_name(pipeline_), lower(random_text(10)));
    submission_.logical_date =
        request_.logical_date.value_or(std::chrono::floor<std::chrono::seconds>(world_.clock.now()));
    if (request_.resume) {
      if (auto found = take_over(*request_.resume); !found) return found;
    }
    for (const auto& [name, value] : request_.params) submission_.params[name] = value;
    return request_.resume || !request_.only_tasks.empty() ? leave_out(deployed) : Status();
  }

  // By the tasks that are deployed: the file here may have changed since.
  Status leave_out(const Json& deployed) {
    auto graph = engine::argo_graph(deployed);
    if (!graph) return tl::unexpected(std::move(graph.error()));
    const auto asked = asked_of(*graph);
    if (!asked) return tl::unexpected(asked.error());
    kept_ = kept_tasks(*graph, succeeded_);
    for (const auto& [name, before] : *graph) {
      if (!asked->contains(name) || kept_.contains(name)) submission_.left_out.insert(name);
    }
    nothing_left_ = submission_.left_out.size() == graph->size();
    graph_ = std::move(*graph);
    return {};
  }

  // As Argo names them.
  Result<std::set<std::string>> asked_of(const engine::ArgoGraph& graph) const {
    std::set<std::string> asked;
    if (request_.only_tasks.empty()) {
      for (const auto& [name, before] : graph) asked.insert(name);
      return asked;
    }
    for (const std::string& name : request_.only_tasks) {
      const model::Task& task = *pipeline_.find_task(name);
      if (!model::runs_in_container(task.type)) continue;  // a start or an end, which Argo has no need of
      if (!graph.contains(engine::argo_name(task))) {
        return fail(ErrorKind::usage,
                    fmt::format("task {} is not in pipeline {} as it is deployed in namespace {} of {}", name,
                                pipeline_.name, namespace_, where()),
                    "deploy it first: liminal deploy --engine argo, with the same --context and --namespace");
      }
      asked.insert(engine::argo_name(task));
    }
    if (!asked.empty()) return asked;
    return fail(
        ErrorKind::usage,
        fmt::format("Argo has nothing to run of task {}: it has no container", fmt::join(request_.only_tasks, ", ")),
        "name a task that has one");
  }

  static std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
  }

  Status take_over(const std::string& id) {
    auto earlier = id == "latest" ? newest() : read(id);
    if (!earlier) return tl::unexpected(std::move(earlier.error()));
    const std::string name = name_of(*earlier);
    if (!has_ended(*earlier)) {
      return fail(ErrorKind::usage, fmt::format("the run {} has not ended: there is nothing to go on from yet", name),
                  "wait for its end, or stop it");
    }
    if (const auto kept = Json::parse(annotation(*earlier, kept_annotation), nullptr, false); kept.is_array()) {
      for (const Json& task : kept) {
        if (task.is_string()) succeeded_.insert(task.get<std::string>());
      }
    }
    auto before = argo_tasks(*earlier);
    if (!before) {
      Error error = std::move(before.error()).wrap(fmt::format("the run {} cannot be gone on from", name));
      error.advice = fmt::format("run it whole, without --resume, or go on with its old images: argo retry {}", name);
      return tl::unexpected(std::move(error));
    }
    for (const auto& [task, now] : *before) {
      if (now.state == TaskState::succeeded) succeeded_.insert(task);
    }
    // The same run to the tasks: its date and its parameters.
    std::string date = annotation(*earlier, engine::argo_scheduled_time);
    if (date.empty()) date = text_of(*earlier, Json::json_pointer("/metadata/creationTimestamp"));
    if (const auto time = parse_rfc3339(date))
      submission_.logical_date = std::chrono::floor<std::chrono::seconds>(*time);
    const Json::json_pointer parameters("/spec/arguments/parameters");
    if (earlier->contains(parameters) && (*earlier)[parameters].is_array()) {
      for (const Json& one : (*earlier)[parameters]) {
        if (one.is_object() && one.value("name", Json()).is_string() && one.value("value", Json()).is_string())
          submission_.params[one["name"].get<std::string>()] = one["value"].get<std::string>();
      }
    }
    resumed_ = name;
    return {};
  }

  Result<Json> read(const std::string& name) {
    auto answer = client_.call({kube::Verb::get, workflow(name), {}, {}, {}, false});
    if (!answer) return tl::unexpected(std::move(answer.error()));
    if (answer->not_found()) {
      return fail(ErrorKind::usage, fmt::format("there is no run {} in namespace {} of {}", name, namespace_, where()),
                  "name a Workflow of this pipeline, or --resume latest");
    }
    if (!answer->ok()) return tl::unexpected(kube::refusal("get", workflow(name), *answer));
    if (template_of(answer->body) != engine::argo_name(pipeline_) || is_of_another(answer->body, system_)) {
      return fail(ErrorKind::usage, fmt::format("the run {} is not one of pipeline {}", name, pipeline_.name),
                  "name one of its runs, or --resume latest");
    }
    return std::move(answer->body);
  }

  Result<Json> newest() {
    auto all = list_workflows(client_, namespace_, {engine::argo_name(pipeline_)});
    if (!all) return tl::unexpected(std::move(all.error()));
    std::erase_if(*all, [&](const Json& one) { return is_of_another(one, system_); });
    if (all->empty()) {
      return fail(ErrorKind::usage,
                  fmt::format("pipeline {} has no run in namespace {} of {}", pipeline_.name, namespace_, where()),
                  "run it without --resume");
    }
    return read(name_of(all->front()));
  }

  Status create(const Json& deployed) {
    auto object = engine::argo_workflow(deployed, submission_);
    if (!object) return tl::unexpected(std::move(object.error()));
    if (!kept_.empty()) (*object)["metadata"]["annotations"][kept_annotation] = Json(kept_).dump();
    const kube::Reference target = workflow(submission_.name);
    auto answer = client_.call({kube::Verb::create, target, {}, {}, std::move(*object), false});
    if (leaves_open(answer)) {
      if (auto begun = find_begun(target, std::move(answer)); !begun) return begun;
    } else if (!answer) {
      return tl::unexpected(std::move(answer.error()));
    } else if (!answer->ok()) {
      return tl::unexpected(kube::refusal("create", target, *answer));
    }
    result_.run_id = submission_.name;
    world_.progress.output("run", fmt::format("{} began in namespace {}", submission_.name, namespace_));
    return {};
  }

  // Whether the Workflow was made is told neither by an answer that was lost, nor by a proxy that gave up waiting for
  // it (5xx) or that asked twice (409: it is there already).
  static bool leaves_open(const Result<kube::Answer>& answer) {
    if (!answer) return answer.error().kind == ErrorKind::unavailable && !answer.error().unsent;
    return answer->code >= 500 || answer->code == 409;
  }

  // The name was made up here: if it is there, it is ours, whatever became of the answer.
  Status find_begun(const kube::Reference& target, Result<kube::Answer> created) {
    const auto there = client_.call({kube::Verb::get, target, {}, {}, {}, false});
    if (there && there->ok()) return {};
    Error error = created ? kube::refusal("create", target, *created) : std::move(created.error());
    if (there && there->not_found() && created && created->code == 409) return tl::unexpected(std::move(error));
    if (!there && there.error().kind == ErrorKind::interrupted) error.kind = ErrorKind::interrupted;
    // The server may still be at it: run again without a look, it could be a second run.
    error = std::move(error).wrap(fmt::format("it is not known whether the run {} has begun", target.name));
    error.advice = fmt::format("see whether it is there: argo get {} -n {}. Only if it is not, run it again",
                               target.name, namespace_);
    error.transient = false;
    return tl::unexpected(std::move(error));
  }

  Status follow() {
    const auto begin = world_.clock.monotonic();
    Outage outage(world_, "the cluster");
    bool told = false;
    for (;;) {
      const auto state = look_at_run();
      if (world_.cancellation.requested()) return left_alone(submission_.name, argo_command("stop"));
      if (state) {
        outage.over();
      } else if (!outage.may_pass(state.error())) {
        return out_of_sight(state.error());
      }
      if (state && has_ended(*state)) {
        result_.succeeded = phase_of(*state) == "Succeeded";
        if (!result_.succeeded) find_reason(*state);
        settle(tasks_);
        return {};
      }
      if (state && !told && phase_of(*state).empty() && world_.clock.monotonic() - begin > controller_patience) {
        told = true;
        world_.progress.output(
            "run", fmt::format("nothing has begun with it yet: does Argo's workflow-controller run, for namespace {}?",
                               namespace_));
      }
      if (state) tell_warnings();
      world_.clock.sleep_for(pause);
    }
  }

  // Why a pod does not begin, which Argo does not always say: a volume that cannot be mounted.
  void tell_warnings() {
    const bool waits = std::any_of(tasks_.begin(), tasks_.end(), [](const auto& task) {
      return task.second.known && !task.second.ended && !task.second.running && !task.second.message.empty();
    });
    const auto now = world_.clock.monotonic();
    if (!waits) waits_since_.reset();
    if (!waits || now - waits_since_.value_or(now) < pod_patience) {
      if (waits && !waits_since_) waits_since_ = now;
      return;
    }
    waits_since_ = now;
    for (const kube::Warning& warning : kube::pod_warnings(client_, namespace_)) {
      if (warning.object.starts_with(submission_.name + "-") && warnings_.insert(warning.text).second)
        world_.progress.output("run", fmt::format("pod {}: {}", warning.object, warning.text));
    }
  }

  // Its tasks tell why it failed, unless they have not failed.
  void find_reason(const Json& state) {
    const auto begin = parse_rfc3339(text_of(state, Json::json_pointer("/status/startedAt")));
    const auto end = parse_rfc3339(text_of(state, Json::json_pointer("/status/finishedAt")));
    const std::string message = text_of(state, Json::json_pointer("/status/message"));
    const bool told = std::any_of(tasks_.begin(), tasks_.end(), [](const auto& task) {
      return task.second.state == TaskState::failed || task.second.state == TaskState::timed_out;
    });
    if (begin && end && pipeline_.timeout && *end - *begin >= *pipeline_.timeout) {
      result_.reason = time_limit_reached(pipeline_);
    } else if (!message.empty() && !told) {
      result_.reason = "Argo says: " + message;
    }
  }

  // The Workflow, and what is new of it told.
  Result<Json> look_at_run() {
    auto answer = client_.call({kube::Verb::get, workflow(submission_.name), {}, {}, {}, false});
    if (!answer) return silence(std::move(answer.error()));
    if (answer->not_found()) {
      return fail(ErrorKind::failed, fmt::format("the run {} was deleted while it ran", submission_.name),
                  "start it again");
    }
    if (!answer->ok()) return tl::unexpected(kube::refusal("get", workflow(submission_.name), *answer));
    read_tasks(answer->body);
    if (auto looked = look(tasks_); !looked) return tl::unexpected(std::move(looked.error()));
    return std::move(answer->body);
  }

  // The cluster has answered before: whatever keeps it from answering now may pass.
  static tl::unexpected<Error> silence(Error error) {
    error.transient = error.kind == ErrorKind::unavailable;
    return tl::unexpected(std::move(error));
  }

  [[nodiscard]] tl::unexpected<Error> out_of_sight(Error error) const {
    if (error.kind != ErrorKind::unavailable) return tl::unexpected(std::move(error));
    return lost_sight(submission_.name, argo_command("get"), command_to_resume(pipeline_, request_, submission_.name),
                      std::move(error));
  }

  // Where Argo does not let the tasks be seen, what was seen before stays, and the run is followed to its end.
  void read_tasks(const Json& state) {
    auto tasks = argo_tasks(state);
    if (tasks) {
      tasks_ = std::move(*tasks);
      unseen_ = false;
    } else if (!std::exchange(unseen_, true)) {
      world_.progress.output("run", "note: " + tasks.error().message);
    }
  }

  // As far as Argo knows it.
  static const ArgoTask& in(const ArgoTasks& tasks, const model::Task& task) {
    static const ArgoTask none;
    const auto found = tasks.find(engine::argo_name(task));
    return found == tasks.end() ? none : found->second;
  }

  // Tells what is new since the last look.
  Status look(const ArgoTasks& tasks) {
    bool wanted = false;
    for (const model::Task& task : pipeline_.tasks) {
      const ArgoTask& now = in(tasks, task);
      if (!now.known || ended_.contains(task.name)) continue;
      const bool begun =
          now.running || std::any_of(now.pods.begin(), now.pods.end(), [](const ArgoPod& pod) { return pod.ran; });
      if (begun && started_.insert(task.name).second) world_.progress.started(task.name, "running");
      // Of two that come in turns, each is told once.
      const bool waits = !now.ended && !now.running && !now.message.empty();
      if (waits && said_[task.name].insert(now.message).second) world_.progress.step(task.name, now.message);
      for (const ArgoPod& pod : now.pods) wanted = wanted || (pod.ran && !followed_.contains(pod.node));
    }
    if (wanted) {
      if (auto followed = follow_pods(tasks); !followed) return followed;
    }
    for (const model::Task& task : pipeline_.tasks) {
      const ArgoTask& now = in(tasks, task);
      if (now.known && now.ended && ended_.insert(task.name).second) finish(task, now);
    }
    return {};
  }

  Status follow_pods(const ArgoTasks& tasks) {
    const kube::Call call{kube::Verb::list,
                          {kube::find_resource_type("v1", "Pod"), namespace_, {}},
                          {},
                          {{"labelSelector", fmt::format("{}={}", workflow_label, submission_.name)}},
                          {},
                          true};
    auto answer = client_.call(call);
    if (!answer) return silence(std::move(answer.error()));
    // Who may start a run and may not read pods sees its states.
    if (!answer->ok()) {
      Error refused = kube::refusal("list", call.target, *answer);
      if (refused.transient) return tl::unexpected(std::move(refused));
      if (!logs_refused_) world_.progress.output("run", "note: " + refused.message);
      logs_refused_ = true;
      return {};
    }
    std::map<std::string, std::string> pods;  // by node
    for (const Json& pod : answer->body["items"]) pods[annotation(pod, node_annotation)] = name_of(pod);
    for (const model::Task& task : pipeline_.tasks) {
      for (const ArgoPod& pod : in(tasks, task).pods) {
        if (!pod.ran || !followed_.insert(pod.node).second) continue;
        const auto found = pods.find(pod.node);
        if (found == pods.end()) {
          world_.progress.output(task.name, "note: what it printed is gone with its pod");
        } else {
          logs_.follow(task.name, {kube::find_resource_type("v1", "Pod"), namespace_, found->second});
        }
      }
    }
    return {};
  }

  void finish(const model::Task& task, const ArgoTask& now) {
    logs_.finish(task.name);
    tell_end(world_, to_result(task, now));
  }

  [[nodiscard]] TaskResult to_result(const model::Task& task, const ArgoTask& now) const {
    TaskResult result;
    result.task = task.name;
    result.state = now.state;
    result.exit_status = now.exit_status;
    result.attempts = now.attempts;
    result.took = now.took;
    if (now.state == TaskState::failed)
      result.detail = now.message.find("OOMKilled") != std::string::npos ? std::string("killed for want of memory")
                      : now.exit_status != 0 ? fmt::format("exit status {}", now.exit_status)
                                             : now.message;
    if (now.state == TaskState::timed_out) result.detail = now.message;
    result.last_lines = logs_.last_lines(task.name);
    return result;
  }

  // The tasks as they ended, in the pipeline's order.
  void settle(const ArgoTasks& tasks) {
    for (const model::Task& task : pipeline_.tasks) {
      if (!model::runs_in_container(task.type)) continue;  // a start or an end, which Argo has no need of
      const std::string name = engine::argo_name(task);
      const ArgoTask& now = in(tasks, task);
      if (now.known && (now.ended || !unseen_)) {
        result_.tasks.push_back(to_result(task, now));
        continue;
      }
      TaskResult& result = result_.tasks.emplace_back();
      result.task = task.name;
      if (kept_.contains(name)) {
        result.state = TaskState::kept;
        result.detail = "succeeded in " + resumed_;
      } else if (submission_.left_out.contains(name)) {
        result.state = TaskState::skipped;
        result.detail = "not asked for";
      } else if (graph_ && !graph_->contains(name)) {
        result.detail = "not deployed";
      } else if (unseen_) {
        result.detail = "how it ended is not known";
      }
      if (!result.detail.empty()) tell_end(world_, result);
    }
  }

  const World& world_;
  kube::Client& client_;
  const model::System& system_;
  const model::Pipeline& pipeline_;
  std::string namespace_;
  const Request& request_;
  engine::ArgoSubmission submission_;
  std::optional<engine::ArgoGraph> graph_;  // of what is deployed, where a part of it is run
  std::set<std::string> succeeded_;         // in the run resumed from, or before it; as Argo names them
  std::set<std::string> kept_;              // those of them that are not run again
  bool nothing_left_ = false;
  std::string resumed_;
  std::set<std::string> started_;
  std::set<std::string> ended_;
  std::set<std::string> followed_;  // nodes
  std::map<std::string, std::set<std::string>> said_;
  std::optional<Clock::Monotonic> waits_since_;  // a pod that has not begun
  std::set<std::string> warnings_;               // that were told
  ArgoTasks tasks_;
  bool unseen_ = false;
  bool logs_refused_ = false;
  RunResult result_;
  PodLogs logs_;
};

}  // namespace

Result<RunResult> run_by_argo(const World& world, kube::Client& client, const model::System& system,
                              const model::Pipeline& pipeline, const std::string& namespace_name,
                              const Request& request) {
  return ArgoRun(world, client, system, pipeline, namespace_name, request).go();
}

}  // namespace liminal::run
