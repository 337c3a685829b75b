// Renders a liminal.yml written in a test.
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "liminal/config/config.hpp"
#include "liminal/engine/engine.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::engine {

class RenderTest : public ::testing::Test {
 protected:
  // A liminal.types.yml beside the liminal.yml.
  void declare(const std::string& yaml) { folder_.write("liminal.types.yml", yaml); }

  Rendered render_text(const std::string& yaml, Engine engine = Engine::airflow, ArgoVersion argo = {}) {
    return render_texts({yaml}, engine, argo);
  }

  // A file each: liminal.yml, and 2/liminal.yml and so on.
  Rendered render_texts(const std::vector<std::string>& yamls, Engine engine = Engine::airflow, ArgoVersion argo = {}) {
    std::vector<config::SourceFile> files;
    for (std::size_t i = 0; i < yamls.size(); ++i) {
      const std::string name = i == 0 ? "liminal.yml" : std::to_string(i + 1) + "/liminal.yml";
      files.push_back({folder_.write(name, yamls[i]), name});
    }
    const World world = outside_.world();
    DiagnosticList findings;
    const config::Project project = config::load(world, files, findings);
    systems_ = config::resolve(world, project, {}, findings);
    Target target;
    target.engine = engine;
    target.argo_version = argo;
    target.image_reference = [](const model::System&, const model::Image& image) { return image.name + "@sha256:ab"; };
    return render(systems_, target);
  }

  static std::string content(const Rendered& rendered, std::string_view kind) {
    for (const Artifact& artifact : rendered.artifacts) {
      if (artifact.api_kind == kind) return artifact.content;
    }
    return {};
  }

  static Json object(const Rendered& rendered, std::string_view kind) {
    for (const Artifact& artifact : rendered.artifacts) {
      if (artifact.api_kind == kind) return artifact.object;
    }
    return {};
  }

  // Line of the finding, and its message.
  static std::vector<std::string> findings(const Rendered& rendered) {
    std::vector<std::string> texts;
    for (const Diagnostic& finding : rendered.findings)
      texts.push_back(std::to_string(finding.location.range.begin.line) + " " + finding.message);
    return texts;
  }

  // A system of one task, which stands in line 11; further root keys go before everything, a line each.
  static std::string pipeline(const std::string& task, const std::string& root = "", const std::string& keys = "") {
    return "name: shop\n" + root +
           "images: [{image: wine, type: python, source: .}]\nvolumes: [{volume: data, local: {path: .}}]\n"
           "pipelines:\n- pipeline: nightly\n  start_date: 2026-01-02\n  timeout_minutes: 45\n  schedule: 0 1 * * *\n"
           "  default_array_loaded: [1]\n" +
           keys + "  tasks:\n  - {task: train, type: python, image: wine, " + task + "}\n";
  }

  // The same with an executor that has these keys, in line 2, a line each.
  static std::string on_executor(const std::string& keys, const std::string& of_task = {}) {
    return pipeline("cmd: x, executor: k" + (of_task.empty() ? "" : ", " + of_task),
                    "executors:\n- executor: k\n  type: kubernetes\n" + keys);
  }

 private:
  testing::TemporaryFolder folder_;
  testing::TestWorld outside_;
  std::vector<model::System> systems_;
};

}  // namespace liminal::engine
