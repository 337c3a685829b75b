// What every rule needs: walking the model with the YAML path of each object, and making a finding at a value's own
// place.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "liminal/base/edit_distance.hpp"
#include "liminal/rules/rule.hpp"

namespace liminal::rules {

// One task of one pipeline, and where it stands: pipelines[wine].tasks[train].
struct TaskPlace {
  const model::System& system;
  const model::Pipeline& pipeline;
  const model::Task& task;
  std::string path;
};

// Until `findings` wants no more of the system's file.
void for_each_task(const model::System& system, const DiagnosticSink& findings,
                   const std::function<void(const TaskPlace&)>& visit);
void for_each_task(const Subject& subject, const DiagnosticSink& findings,
                   const std::function<void(const TaskPlace&)>& visit);

struct PipelinePlace {
  const model::System& system;
  const model::Pipeline& pipeline;
  std::string path;  // pipelines[wine]
};

void for_each_pipeline(const model::System& system, const DiagnosticSink& findings,
                       const std::function<void(const PipelinePlace&)>& visit);
void for_each_pipeline(const Subject& subject, const DiagnosticSink& findings,
                       const std::function<void(const PipelinePlace&)>& visit);

// pipelines[wine] and the like.
[[nodiscard]] std::string item_path(std::string_view list, std::string_view name);

// A finding of `rule` at `origin`, or about the system's file as a whole where the value came from no file.
[[nodiscard]] Diagnostic finding(const Rule& rule, const model::System& system, document::Origin origin,
                                 std::string yaml_path, std::string message);

// The same at bytes [begin, end) of a scalar's text, as far as it stands in the file as it is (a rendered placeholder
// does not).
[[nodiscard]] Diagnostic finding_within(const Rule& rule, const model::System& system, const document::Value* scalar,
                                        std::size_t begin, std::size_t end, std::string yaml_path, std::string message);

// Finishes a finding about a name that nothing has: the nearest known name as a fix, or the list of what there is.
void suggest_name(Diagnostic& finding, std::string_view kind, std::string_view wrong,
                  const std::vector<std::string_view>& known, document::Origin origin);

// Whether what a path leads to lies in the repository, its links followed.
[[nodiscard]] bool lies_in_repository(const Subject& subject, const std::filesystem::path& path);

// An image that is not built here but pulled from a registry says so by a host, a tag or a digest.
[[nodiscard]] bool names_another_registry(std::string_view image);

// Nothing, or nothing that shows.
[[nodiscard]] bool is_blank(std::string_view text);

// "`a`, `b` and `c`", at most eight of them.
[[nodiscard]] std::string quoted_list(const std::vector<std::string_view>& names);

template <class Objects>
[[nodiscard]] std::vector<std::string_view> names_of(const Objects& objects) {
  std::vector<std::string_view> names;
  names.reserve(objects.size());
  for (const auto& object : objects) names.push_back(object.name);
  return names;
}

// Objects of the model by name; of two with one name the first. A file may hold tens of thousands of either side.
template <class Object>
class ByName {
 public:
  explicit ByName(const std::vector<Object>& objects) {
    objects_.reserve(objects.size());
    for (const Object& object : objects) objects_.emplace(object.name, &object);
  }
  [[nodiscard]] const Object* find(std::string_view name) const {
    const auto found = objects_.find(name);
    return found == objects_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<std::string_view, const Object*> objects_;
};

}  // namespace liminal::rules
