// The plan as a graph (Mermaid, DOT) and as JSON.
#include <cctype>
#include <map>

#include <fmt/format.h>

#include "liminal/base/json.hpp"
#include "liminal/base/utc.hpp"
#include "liminal/plan/plan.hpp"

namespace liminal::plan {

namespace {

// A text inside double quotes of a graph language: only letters, digits and plain punctuation stay as they are.
std::string mermaid_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        std::isalnum(byte) != 0 || byte >= 0x80 || std::string_view(" _-./:@").find(c) != std::string_view::npos;
    result += plain ? std::string(1, c) : fmt::format("#{};", static_cast<unsigned>(byte));
  }
  return result;
}

std::string dot_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' || c == '\r' ? ' ' : c;
  }
  return result;
}

std::string label_of(const model::Task& task) {
  std::string label = task.name;
  if (task.copies > 1) label += fmt::format(" x{}", task.copies);
  return label;
}

// Tasks get short ids by position, since names may hold what a graph language gives a meaning to.
std::map<std::string, std::string> ids_of(const model::Pipeline& pipeline, std::size_t number) {
  std::map<std::string, std::string> ids;
  for (std::size_t i = 0; i < pipeline.tasks.size(); ++i)
    ids.emplace(pipeline.tasks[i].name, fmt::format("p{}t{}", number, i));
  return ids;
}

std::string iso(std::chrono::sys_seconds time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", utc(time));
}

}  // namespace

std::string to_mermaid(const Plan& plan) {
  std::string text = "flowchart LR\n";
  for (std::size_t number = 0; number < plan.pipelines.size(); ++number) {
    const model::Pipeline& pipeline = *plan.pipelines[number].pipeline;
    const auto ids = ids_of(pipeline, number);
    text += fmt::format("  subgraph p{}[\"{}\"]\n", number, mermaid_text(pipeline.name));
    for (const model::Task& task : pipeline.tasks) {
      text += fmt::format("    {}[\"{}\"]\n", ids.at(task.name), mermaid_text(label_of(task)));
    }
    for (const model::Task& task : pipeline.tasks) {
      for (const std::string& before : task.depends_on) {
        if (ids.contains(before)) text += fmt::format("    {} --> {}\n", ids.at(before), ids.at(task.name));
      }
    }
    text += "  end\n";
  }
  return text;
}

std::string to_dot(const Plan& plan) {
  std::string text = "digraph liminal {\n  rankdir=LR;\n  node [shape=box];\n";
  for (std::size_t number = 0; number < plan.pipelines.size(); ++number) {
    const model::Pipeline& pipeline = *plan.pipelines[number].pipeline;
    const auto ids = ids_of(pipeline, number);
    text += fmt::format("  subgraph cluster_{} {{\n    label=\"{}\";\n", number, dot_text(pipeline.name));
    for (const model::Task& task : pipeline.tasks) {
      text += fmt::format("    {} [label=\"{}\"];\n", ids.at(task.name), dot_text(label_of(task)));
    }
    for (const model::Task& task : pipeline.tasks) {
      for (const std::string& before : task.depends_on) {
        if (ids.contains(before)) text += fmt::format("    {} -> {};\n", ids.at(before), ids.at(task.name));
      }
    }
    text += "  }\n";
  }
  return text + "}\n";
}

Json to_json(const Plan& plan) {
  Json pipelines = Json::array();
  for (const PipelinePlan& planned : plan.pipelines) {
    Json tasks = Json::array();
    for (const model::Task& task : planned.pipeline->tasks) {
      Json item = {
          {"task", task.name}, {"type", task.type_name}, {"depends_on", task.depends_on}, {"copies", task.copies}};
      if (!task.image.empty()) item["image"] = task.image;
      if (!task.executor.empty()) item["executor"] = task.executor;
      tasks.push_back(std::move(item));
    }
    Json waves = Json::array();
    for (const auto& wave : planned.waves) {
      Json names = Json::array();
      for (const std::size_t index : wave) names.push_back(planned.pipeline->tasks[index].name);
      waves.push_back(std::move(names));
    }
    Json runs = Json::array();
    for (const auto run : planned.next_runs) runs.push_back(iso(run));
    Json item = {
        {"pipeline", planned.pipeline->name}, {"system", planned.system->name}, {"file", planned.system->file}};
    item["schedule"] = planned.pipeline->schedule ? Json(*planned.pipeline->schedule) : Json(nullptr);
    item["next_runs"] = std::move(runs);
    item["waves"] = std::move(waves);
    item["tasks"] = std::move(tasks);
    pipelines.push_back(std::move(item));
  }
  Json images = Json::array();
  for (const build::ImagePlan& image : plan.images) {
    Json item = {{"image", image.image->name},
                 {"system", image.system->name},
                 {"reference", image.name.text()},
                 {"base", image.base}};
    item["builder"] = image.builder == build::Builder::docker ? "docker" : "oci";
    item["up_to_date"] = image.up_to_date;
    item["reason"] = image.reason;
    item["content_key"] = image.content_key;
    item["digest"] = image.digest.empty() ? Json(nullptr) : Json(image.digest);
    images.push_back(std::move(item));
  }
  Json objects = Json::array();
  for (const engine::Artifact& artifact : plan.rendered.artifacts) {
    objects.push_back({{"kind", artifact.api_kind}, {"name", artifact.name}, {"path", artifact.path}});
  }
  return {{"pipelines", std::move(pipelines)}, {"images", std::move(images)}, {"objects", std::move(objects)}};
}

}  // namespace liminal::plan
