// The images that what is made of a service or a pipeline has pods pull.
#pragma once

#include <optional>

#include "liminal/engine/engine.hpp"

namespace liminal::engine {

// Of the pods of a task; empty where it runs in none, or where only a run of Airflow knows.
[[nodiscard]] std::optional<std::string> pod_namespace(const model::Task& task, const model::Executor* executor,
                                                       const Target& target);

// As objects name an image of the model, or one from elsewhere.
[[nodiscard]] std::string image_text(const model::System& system, const std::string& name, const Target& target);

[[nodiscard]] std::vector<PulledImage> pulled_images(const model::System& system, const model::Service& service,
                                                     const Target& target);
// Each once, at the first task that runs in it.
[[nodiscard]] std::vector<PulledImage> pulled_images(const model::System& system, const model::Pipeline& pipeline,
                                                     const Target& target);

// Of the pods of a pipeline's tasks on Airflow, each once.
[[nodiscard]] std::vector<PullSecret> pull_secrets(const model::System& system, const model::Pipeline& pipeline,
                                                   const Target& target);

}  // namespace liminal::engine
