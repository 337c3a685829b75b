// Pipelines and tasks: what each depends on, and the keys of each type.
#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "liminal/model/moment.hpp"

#include "from_value.hpp"
#include "type_declaration.hpp"

namespace liminal::config {

namespace {

using document::Kind;
using document::Value;

model::TaskType task_type(const std::string& name, const TypeTable& declared) {
  using model::TaskType;
  constexpr std::array<std::pair<std::string_view, TaskType>, 7> types{
      {{"python", TaskType::python},
       {"spark", TaskType::spark},
       {"sql", TaskType::sql},
       {"create_cloudformation_stack", TaskType::create_cloudformation_stack},
       {"delete_cloudformation_stack", TaskType::delete_cloudformation_stack},
       {"job_start", TaskType::job_start},
       {"job_end", TaskType::job_end}}};
  const auto found = std::find_if(types.begin(), types.end(), [&](const auto& type) { return type.first == name; });
  if (found != types.end()) return found->second;
  const DeclaredType* type = TypeTable::find(declared.tasks, name);
  if (type == nullptr) return TaskType::other;
  return type->kind == DeclaredType::Kind::container ? TaskType::python : TaskType::airflow_operator;
}

// Nested maps of Spark's conf become keys with dots.
void flatten_conf(const Value& map, const std::string& prefix,
                  std::vector<std::pair<std::string, std::string>>& result) {
  for (const Value::Member& member : map.members) {
    const std::string key = prefix.empty() ? member.key : prefix + "." + member.key;
    if (member.value.is_mapping()) {
      flatten_conf(member.value, key, result);
    } else {
      result.emplace_back(key, member.value.text());
    }
  }
}

std::vector<std::string> arguments_from(const Value* value) {
  std::vector<std::string> arguments;
  if (value == nullptr) return arguments;
  for (const Value& item : value->items) arguments.push_back(item.text());
  for (const Value::Member& member : value->members)
    arguments.insert(arguments.end(), {member.key, member.value.text()});
  return arguments;
}

std::optional<model::Date> date_from(const Value* value) {
  return value == nullptr || value->kind != Kind::scalar ? std::nullopt : model::parse_date(value->scalar);
}

std::optional<std::chrono::sys_seconds> moment_from(const Value* value) {
  return value == nullptr || value->kind != Kind::scalar ? std::nullopt : model::parse_moment(value->scalar);
}

// Seconds as Airflow's users write a delay: a number of seconds.
std::optional<std::chrono::seconds> delay_from(const Value* value) {
  constexpr std::int64_t longest = 30L * 24 * 3600;
  const auto seconds = whole_number(value, 0, longest);
  return seconds ? std::optional(std::chrono::seconds{*seconds}) : std::nullopt;
}

const Value* own_or(const Value& task, const Value& pipeline, std::string_view key) {
  const Value* own = task.find(key);
  return own != nullptr ? own : pipeline.find(key);
}

std::vector<std::pair<std::string, std::string>> variables_of(const Value& task, const Value& root) {
  const Value* own = task.find("variables");
  const Value* shared = root.find("variables");
  if (own == nullptr || own->is_mapping()) return pairs_of(own);
  return pairs_of(shared == nullptr ? nullptr : shared->find(own->text()));
}

// What the type's declaration made of it (expand_types).
void fill_words(model::Task& task) {
  const Value* words = task.value->find("command");
  if (words == nullptr) return;
  for (const Value& word : words->items) task.words.push_back({word.text(), word.origin});
}

void fill_operator(model::Task& task) {
  if (const auto path = import_path_of(text_of(*task.value, "operator"))) {
    task.operator_module = path->module;
    task.operator_class = path->name;
  }
  task.operator_arguments = task.value->find("arguments");
}

model::Task task_from(const Value& value, const Value& pipeline, const Value& root, const TypeTable& types) {
  constexpr std::int64_t most_copies = 1000;
  constexpr std::int64_t most_retries = 100;
  model::Task task;
  task.value = &value;
  task.name = text_of(value, "task");
  task.type_name = text_of(value, "type");
  task.type = task_type(task.type_name, types);
  task.description = text_of(value, "description");
  task.executor = text_of(value, "executor");
  task.image = text_of(value, "image");
  if (const Value* command = value.find("cmd"); command != nullptr && !command->is_null())
    task.command = command->text();
  task.environment = environment_from(value);
  task.mounts = mounts_from(value);
  task.secrets = secret_mounts_from(value);
  task.copies = static_cast<unsigned>(whole_number(value.find("executors"), 1, most_copies).value_or(1));
  task.push_xcom = flag_of(value, "do_xcom_push", false);
  if (const auto retries = whole_number(own_or(value, pipeline, "retries"), 0, most_retries))
    task.retries = static_cast<unsigned>(*retries);
  task.retry_delay = delay_from(own_or(value, pipeline, "retry_delay"));
  task.variables = variables_of(value, root);
  task.application_source = text_of(value, "application_source");
  task.main_class = text_of(value, "class");
  task.master = text_of(value, "master");
  if (const Value* conf = value.find("conf")) flatten_conf(*conf, "", task.spark_conf);
  task.application_arguments = arguments_from(value.find("application_arguments"));
  task.stack_name = text_of(value, "stack_name");
  task.properties = value.find("properties");
  if (task.type == model::TaskType::airflow_operator) fill_operator(task);
  if (task.type == model::TaskType::python && task.type_name != "python") fill_words(task);
  return task;
}

// The tasks among the first `count` that none of them waits for; in a circle, where there is none, the last.
std::vector<std::string> leaves(const std::vector<model::Task>& tasks, std::size_t count) {
  std::set<std::string_view> waited_for;
  for (std::size_t i = 0; i < count; ++i) waited_for.insert(tasks[i].depends_on.begin(), tasks[i].depends_on.end());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    if (!waited_for.contains(tasks[i].name)) names.push_back(tasks[i].name);
  }
  if (names.empty() && count > 0) names.push_back(tasks[count - 1].name);
  return names;
}

// The names that are tasks of this pipeline, each once. A rule tells of the others.
std::vector<std::string> named_tasks(const Value& wanted, const std::string& itself,
                                     const std::set<std::string>& known) {
  std::vector<std::string> names;
  std::set<std::string> seen{itself};
  for (const Value& item : wanted.items) {
    std::string name = item.text();
    if (known.contains(name) && seen.insert(name).second) names.push_back(std::move(name));
  }
  return names;
}

// Without `depends_on` a task follows the one before it in its group. A task that begins its group, or whose
// `depends_on` names nothing, waits for everything in the groups before that nothing else there waits for.
void connect(std::vector<model::Task>& tasks, const TaskGroups& groups) {
  constexpr std::size_t most_edges = 2'000'000;
  std::set<std::string> known;
  for (const model::Task& task : tasks) known.insert(task.name);
  std::vector<std::string> entrance;
  std::size_t edges = 0;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    model::Task& task = tasks[i];
    const bool begins_group = i == 0 || groups[i] != groups[i - 1];
    if (begins_group) entrance = leaves(tasks, i);
    const Value* wanted = task.value->find("depends_on");
    task.depends_on_given = wanted != nullptr && wanted->is_sequence();
    if (task.depends_on_given) task.depends_on = named_tasks(*wanted, task.name, known);
    if (!task.depends_on_given && !begins_group) task.depends_on = {tasks[i - 1].name};
    if (task.depends_on.empty()) task.depends_on = entrance;
    // Nobody draws such a graph; one that is made to exhaust memory becomes a chain.
    if (edges > most_edges) task.depends_on = {tasks[i - 1].name};
    edges += task.depends_on.size();
  }
}

bool is_default_argument(std::string_view key) {
  return key != "tasks" && key != "schedule" && key != "schedule_interval" && key != "monitoring";
}

}  // namespace

model::Pipeline pipeline_from(const Value& value, const Value& root, const TaskGroups& groups, const TypeTable& types) {
  constexpr std::int64_t longest_minutes = 60L * 24 * 366;
  model::Pipeline pipeline;
  pipeline.value = &value;
  pipeline.name = text_of(value, "pipeline");
  pipeline.owner = text_of(value, "owner").empty() ? text_of(root, "owner") : text_of(value, "owner");
  pipeline.description = text_of(value, "description");
  for (const std::string_view key : {"schedule", "schedule_interval"}) {
    const Value* schedule = value.find(key);
    if (schedule != nullptr && !schedule->is_null() && !pipeline.schedule && schedule->text() != "None")
      pipeline.schedule = schedule->text();
  }
  pipeline.start_date = date_from(value.find("start_date"));
  pipeline.end_date = moment_from(value.find("end_date"));
  if (const auto minutes = whole_number(value.find("timeout_minutes"), 1, longest_minutes))
    pipeline.timeout = std::chrono::minutes{*minutes};
  pipeline.depends_on_past = flag_of(value, "depends_on_past", false);
  pipeline.always_run = flag_of(root, "always_run", false);
  for (const Value* metrics : {root.find("metrics"), value.find("metrics")}) {
    if (metrics == nullptr || !metrics->is_mapping()) continue;
    pipeline.metrics_namespace = text_of(*metrics, "namespace");
    pipeline.metrics_backends = texts_of(*metrics, "backends");
  }
  if (const Value* tasks = value.find("tasks")) {
    for (const Value& task : tasks->items) pipeline.tasks.push_back(task_from(task, value, root, types));
  }
  connect(pipeline.tasks, groups);
  for (const Value::Member& member : value.members) {
    if (is_default_argument(member.key)) pipeline.default_arguments.emplace_back(member.key, &member.value);
  }
  return pipeline;
}

}  // namespace liminal::config
