#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "layers.hpp"

namespace liminal::config {

namespace {

using document::Kind;
using document::Value;

Value map(std::initializer_list<std::pair<std::string_view, Value>> members) {
  Value value;
  value.kind = Kind::mapping;
  for (const auto& [key, member] : members) value.set(std::string(key), member);
  return value;
}

Value list(std::initializer_list<Value> items) {
  Value value;
  value.kind = Kind::sequence;
  value.items = items;
  return value;
}

Value word(std::string_view text) {
  return Value::string(std::string(text));
}

// Puts the lower member in, merged with what is there.
void merge_member(Value& upper, Value::Member* present, const Value::Member& lower) {
  if (present == nullptr) {
    upper.members.push_back(lower);
    return;
  }
  present->key_origin = lower.key_origin;
  merge_into(present->value, lower.value);
}

// Finds members by key; an index pays for itself in a large map alone.
class MemberIndex {
 public:
  MemberIndex(const Value& map, std::size_t lookups) {
    constexpr std::size_t large = 32;
    if (map.members.size() < large || lookups < large) return;
    indexed_ = true;
    for (std::size_t i = 0; i < map.members.size(); ++i) by_key_.emplace(map.members[i].key, i);
  }
  // Of the members that were there when the index was made.
  [[nodiscard]] Value::Member* find(Value& map, std::size_t count, const std::string& key) const {
    if (indexed_) {
      const auto found = by_key_.find(key);
      return found == by_key_.end() ? nullptr : &map.members[found->second];
    }
    const auto end = map.members.begin() + static_cast<std::ptrdiff_t>(count);
    const auto found =
        std::find_if(map.members.begin(), end, [&](const Value::Member& member) { return member.key == key; });
    return found == end ? nullptr : &*found;
  }

 private:
  bool indexed_ = false;
  std::unordered_map<std::string, std::size_t> by_key_;
};

// Lists of named objects: one of the same name is merged, a new one comes last. Of two with one name in the lower list
// the second is kept beside the first, so that a rule can tell of it.
void merge_named(Value& upper, const Value& lower, std::string_view key) {
  if (!upper.is_sequence() || !lower.is_sequence()) {
    upper = lower;
    return;
  }
  std::unordered_map<std::string, std::size_t> inherited;
  for (std::size_t i = 0; i < upper.items.size(); ++i) {
    const Value* name = upper.items[i].find(key);
    if (name != nullptr && !name->is_null()) inherited.emplace(name->text(), i);
  }
  upper.origin = lower.origin;
  for (const Value& item : lower.items) {
    const Value* name = item.find(key);
    const auto same = name == nullptr ? inherited.end() : inherited.find(name->text());
    if (same == inherited.end()) {
      upper.items.push_back(item);
    } else {
      merge_into(upper.items[same->second], item);
      inherited.erase(same);
    }
  }
}

void merge_layer(Value& result, const Value& lower) {
  const std::size_t inherited = result.members.size();
  const MemberIndex index(result, lower.members.size());
  for (const Value::Member& member : lower.members) {
    Value::Member* present = index.find(result, inherited, member.key);
    const bool merged_deeply = member.key.ends_with("_defaults") || member.key == "variables";
    if (present == nullptr || merged_deeply) {
      merge_member(result, present, member);
      continue;
    }
    present->key_origin = member.key_origin;
    if (member.key == "executors") {
      merge_named(present->value, member.value, "executor");
    } else if (member.key == "images") {
      merge_named(present->value, member.value, "image");
    } else {
      present->value = member.value;
    }
  }
}

// The lowest layer's lists of objects are most of what it holds, and nothing asks the layer for them again: they are
// put in without a copy.
void merge_lowest(Value& result, Value& lowest) {
  constexpr std::array<std::string_view, 4> lists{"pipelines", "services", "volumes", "secrets"};
  std::array<Value, lists.size()> taken;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    if (Value* list = lowest.find(lists[i])) taken[i] = std::exchange(*list, {});
  }
  merge_layer(result, lowest);
  for (std::size_t i = 0; i < lists.size(); ++i) {
    if (lowest.find(lists[i]) != nullptr) *result.find(lists[i]) = std::move(taken[i]);
  }
}

std::size_t count_values(const Value& value) {
  std::size_t count = 1;
  for (const Value& item : value.items) count += count_values(item);
  for (const Value::Member& member : value.members) count += count_values(member.value);
  return count;
}

// Completes the objects of one system with its defaults, within bounds: a short file can ask for a huge result.
class Completion {
 public:
  Completion(const Value& root, const std::vector<const Value*>& layers) : root_(root), layers_(layers) {}

  void complete_service(Value& service) { apply_defaults(service, root_.find("service_defaults")); }

  TaskGroups complete_pipeline(Value& pipeline) {
    TaskGroups groups;
    if (!pipeline.is_mapping()) return groups;
    const Value own = pipeline;
    const Value* defaults = root_.find("pipeline_defaults");
    if (defaults != nullptr && defaults->is_mapping()) {
      Value others = *defaults;
      for (const std::string_view key : task_lists) others.erase(key);
      apply_defaults(pipeline, &others);
    }
    for (const std::string_view key : task_lists) {
      if (key != "tasks") pipeline.erase(key);
    }
    Value tasks;
    tasks.kind = Kind::sequence;
    std::size_t group = 0;
    const auto append = [&](const Value* from, std::string_view key) {
      append_tasks(tasks.items, from, key);
      groups.resize(tasks.items.size(), group);
      ++group;
    };
    // `layers_` goes from the file up to the base: what comes before is told from the top, what comes after from the
    // bottom. A pipeline's own lists count as the lowest layer.
    std::for_each(layers_.rbegin(), layers_.rend(),
                  [&](const Value* layer) { append(layer->find("pipeline_defaults"), "before_tasks"); });
    append(&own, "before_tasks");
    if (const Value* own_tasks = own.find("tasks")) {
      tasks.origin = own_tasks->origin;
      append(&own, "tasks");
    } else {
      append_default_tasks(tasks.items, defaults);
      groups.resize(tasks.items.size(), group);
      ++group;
    }
    append(&own, "after_tasks");
    for (const Value* layer : layers_) append(layer->find("pipeline_defaults"), "after_tasks");
    for (Value& task : tasks.items) apply_defaults(task, defaults_of_type(task));
    pipeline.set("tasks", std::move(tasks));
    return groups;
  }

  [[nodiscard]] bool too_large() const { return too_large_; }

 private:
  static constexpr std::array<std::string_view, 3> task_lists{"before_tasks", "after_tasks", "tasks"};
  static constexpr std::size_t most_values = 2'000'000;

  bool within_bounds(const Value& copied) {
    copied_ += count_values(copied);
    if (copied_ > most_values) too_large_ = true;
    return !too_large_;
  }

  void append_tasks(std::vector<Value>& tasks, const Value* from, std::string_view key) {
    const Value* list = from == nullptr ? nullptr : from->find(key);
    if (list != nullptr && list->is_sequence() && within_bounds(*list))
      tasks.insert(tasks.end(), list->items.begin(), list->items.end());
  }

  // Of a pipeline without tasks. `type: pipeline` marks the place of its own tasks, of which there are none.
  void append_default_tasks(std::vector<Value>& tasks, const Value* defaults) {
    const std::size_t present = tasks.size();
    append_tasks(tasks, defaults, "tasks");
    const auto is_mark = [](const Value& task) {
      const Value* type = task.find("type");
      return type != nullptr && type->text() == "pipeline";
    };
    tasks.erase(std::remove_if(tasks.begin() + static_cast<std::ptrdiff_t>(present), tasks.end(), is_mark),
                tasks.end());
  }

  // What the object has not set itself comes from the defaults.
  void apply_defaults(Value& object, const Value* defaults) {
    if (defaults == nullptr || !defaults->is_mapping() || !object.is_mapping() || !within_bounds(*defaults)) return;
    Value merged = *defaults;
    merge_into(merged, object);
    object = std::move(merged);
  }

  [[nodiscard]] const Value* defaults_of_type(const Value& task) const {
    const Value* all = root_.find("task_defaults");
    const Value* type = task.find("type");
    return all == nullptr || type == nullptr || type->is_null() ? nullptr : all->find(type->text());
  }

  const Value& root_;
  const std::vector<const Value*>& layers_;
  std::size_t copied_ = 0;
  bool too_large_ = false;
};

// The list is taken out of the map while its objects are completed from the rest of it.
template <class Complete>
void for_each_object(Value& root, std::string_view key, const Complete& complete) {
  Value* list = root.find(key);
  if (list == nullptr) return;
  std::vector<Value> objects = std::move(list->items);
  for (Value& object : objects) complete(object);
  list->items = std::move(objects);
}

}  // namespace

void merge_into(Value& upper, const Value& lower) {
  if (!upper.is_mapping() || !lower.is_mapping()) {
    upper = lower;
    return;
  }
  upper.origin = lower.origin;
  const std::size_t inherited = upper.members.size();
  upper.members.reserve(inherited + lower.members.size());  // doubling would leave half of every task unused
  const MemberIndex index(upper, lower.members.size());
  for (const Value::Member& member : lower.members)
    merge_member(upper, index.find(upper, inherited, member.key), member);
}

// Apache Liminal's base/liminal.yml. Made by hand, since parsing it takes a seventh of what a small file takes.
Value make_base() {
  const Value kubernetes = map({{"executor", word("default_k8s")}});
  const Value airflow = map({{"executor", word("airflow_executor")}});
  return map({
      {"executors", list({map({{"executor", word("default_k8s")}, {"type", word("kubernetes")}}),
                          map({{"executor", word("airflow_executor")}, {"type", word("airflow")}})})},
      {"task_defaults",
       map({{"python", kubernetes}, {"spark", kubernetes}, {"job_start", airflow}, {"job_end", airflow}})},
      {"pipeline_defaults", map({{"before_tasks", list({map({{"task", word("start")}, {"type", word("job_start")}})})},
                                 {"after_tasks", list({map({{"task", word("end")}, {"type", word("job_end")}})})}})},
      {"service_defaults", map({})},
  });
}

MergedSystem merge(const std::vector<const Layer*>& chain, Value lowest, const Value& base) {
  std::vector<const Value*> layers{&lowest};
  for (auto layer = chain.begin() + 1; layer != chain.end(); ++layer) layers.push_back(&(*layer)->value);
  layers.push_back(&base);

  MergedSystem merged;
  merged.root = base;
  for (std::size_t i = layers.size() - 2; i > 0; --i) merge_layer(merged.root, *layers[i]);
  merge_lowest(merged.root, lowest);
  merged.root.origin = lowest.origin;
  merged.root.set("type", Value::string("sub"));
  if (merged.root.find("services") == nullptr) merged.root.set("services", {}).kind = Kind::sequence;
  Completion completion(merged.root, layers);
  for_each_object(merged.root, "services", [&](Value& service) { completion.complete_service(service); });
  for_each_object(merged.root, "pipelines",
                  [&](Value& pipeline) { merged.groups.push_back(completion.complete_pipeline(pipeline)); });
  merged.too_large = completion.too_large();
  return merged;
}

}  // namespace liminal::config
