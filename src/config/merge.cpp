#include <algorithm>

#include "layers.hpp"

namespace liminal::config {

namespace {

using document::Kind;
using document::Value;

constexpr std::string_view base_layer = R"(
executors:
  - executor: default_k8s
    type: kubernetes
  - executor: airflow_executor
    type: airflow
task_defaults:
  python: {executor: default_k8s}
  spark: {executor: default_k8s}
  job_start: {executor: airflow_executor}
  job_end: {executor: airflow_executor}
pipeline_defaults:
  before_tasks: [{task: start, type: job_start}]
  after_tasks: [{task: end, type: job_end}]
service_defaults: {}
)";

void forget_origins(Value& value) {
  value.origin = {};
  for (Value& item : value.items) forget_origins(item);
  for (Value::Member& member : value.members) {
    member.key_origin = {};
    forget_origins(member.value);
  }
}

// The layer above all others; it stands in no file.
Value make_base() {
  DiagnosticList unused;
  const auto document = document::parse("", std::string(base_layer), unused);
  Value value = Value::of(*document->root());
  forget_origins(value);
  return value;
}

// Maps are merged key by key, all else is replaced: `lower` wins.
void merge_into(Value& upper, const Value& lower) {
  if (!upper.is_mapping() || !lower.is_mapping()) {
    upper = lower;
    return;
  }
  upper.origin = lower.origin;
  for (const Value::Member& member : lower.members) {
    if (Value* present = upper.find(member.key)) {
      merge_into(*present, member.value);
    } else {
      upper.set(member.key, member.value, member.key_origin);
    }
  }
}

// Lists of named objects: one of the same name is merged, a new one comes last.
void merge_named(Value& upper, const Value& lower, std::string_view key) {
  if (!upper.is_sequence() || !lower.is_sequence()) {
    upper = lower;
    return;
  }
  const std::size_t inherited = upper.items.size();
  upper.origin = lower.origin;
  for (const Value& item : lower.items) {
    const Value* name = item.find(key);
    const auto last = upper.items.begin() + static_cast<std::ptrdiff_t>(inherited);
    const auto same = std::find_if(upper.items.begin(), last, [&](const Value& other) {
      const Value* other_name = other.find(key);
      return name != nullptr && other_name != nullptr && !name->is_null() && other_name->text() == name->text();
    });
    if (same == last) {
      upper.items.push_back(item);
    } else {
      merge_into(*same, item);
    }
  }
}

void merge_layer(Value& result, const Value& lower) {
  for (const Value::Member& member : lower.members) {
    Value* present = result.find(member.key);
    if (present == nullptr) {
      result.set(member.key, member.value, member.key_origin);
    } else if (member.key == "executors") {
      merge_named(*present, member.value, "executor");
    } else if (member.key == "images") {
      merge_named(*present, member.value, "image");
    } else if (member.key.ends_with("_defaults") || member.key == "variables") {
      merge_into(*present, member.value);
    } else {
      *present = member.value;
    }
  }
}

void append_tasks(std::vector<Value>& tasks, const Value& root, std::string_view key) {
  const Value* defaults = root.find("pipeline_defaults");
  const Value* list = defaults == nullptr ? nullptr : defaults->find(key);
  if (list != nullptr && list->is_sequence()) tasks.insert(tasks.end(), list->items.begin(), list->items.end());
}

// What the object has not set itself comes from the defaults.
void apply_defaults(Value& object, const Value* defaults) {
  if (defaults == nullptr || !defaults->is_mapping() || !object.is_mapping()) return;
  Value merged = *defaults;
  merge_into(merged, object);
  merged.origin = object.origin;
  object = std::move(merged);
}

const Value* defaults_of_type(const Value& root, const Value& task) {
  const Value* all = root.find("task_defaults");
  const Value* type = task.find("type");
  return all == nullptr || type == nullptr ? nullptr : all->find(type->text());
}

TaskShares complete_pipeline(Value& pipeline, const Value& root, const std::vector<const Value*>& layers) {
  if (!pipeline.is_mapping()) return {};
  if (const Value* defaults = root.find("pipeline_defaults")) {
    Value scalars = *defaults;
    for (const std::string_view key : {"before_tasks", "after_tasks", "tasks"}) scalars.erase(key);
    apply_defaults(pipeline, &scalars);
  }
  // `layers` goes from the file up to the base: what comes before is told from the top, what comes after from the
  // bottom.
  Value tasks;
  tasks.kind = Kind::sequence;
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer)
    append_tasks(tasks.items, **layer, "before_tasks");
  TaskShares shares;
  shares.before = tasks.items.size();
  if (const Value* own = pipeline.find("tasks")) {
    tasks.origin = own->origin;
    tasks.items.insert(tasks.items.end(), own->items.begin(), own->items.end());
  }
  const std::size_t until_own = tasks.items.size();
  for (const Value* layer : layers) append_tasks(tasks.items, *layer, "after_tasks");
  shares.after = tasks.items.size() - until_own;
  for (Value& task : tasks.items) apply_defaults(task, defaults_of_type(root, task));
  pipeline.set("tasks", std::move(tasks));
  return shares;
}

}  // namespace

MergedSystem merge(const std::vector<const Layer*>& chain) {
  const Value base = make_base();
  std::vector<const Value*> layers;
  for (const Layer* layer : chain) layers.push_back(&layer->value);
  layers.push_back(&base);

  MergedSystem merged;
  merged.root = base;
  for (auto layer = layers.rbegin() + 1; layer != layers.rend(); ++layer) merge_layer(merged.root, **layer);
  merged.root.origin = chain.front()->value.origin;
  merged.root.set("type", Value::string("sub"));
  if (merged.root.find("services") == nullptr) merged.root.set("services", {}).kind = Kind::sequence;
  if (Value* services = merged.root.find("services")) {
    for (Value& service : services->items) apply_defaults(service, merged.root.find("service_defaults"));
  }
  if (Value* pipelines = merged.root.find("pipelines")) {
    const Value root = merged.root;
    for (Value& pipeline : pipelines->items) merged.shares.push_back(complete_pipeline(pipeline, root, layers));
  }
  return merged;
}

}  // namespace liminal::config
