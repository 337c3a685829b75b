// The typed model from a resolved value. Wrong types are the schema's matter: what does not fit is left at its default.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "declared_types.hpp"
#include "layers.hpp"

namespace liminal::config {

// Fills everything of the system but its name, file and documents. `system.folder` and `system.resolved` are set
// already.
void fill_model(model::System& system, const std::vector<TaskGroups>& groups, const TypeTable& types);

// A pipeline and its tasks (tasks_from_value.cpp).
[[nodiscard]] model::Pipeline pipeline_from(const document::Value& value, const document::Value& root,
                                            const TaskGroups& groups, const TypeTable& types);

// Parts that several objects have (parts_from_value.cpp).
[[nodiscard]] std::string text_of(const document::Value& object, std::string_view key);
[[nodiscard]] bool flag_of(const document::Value& object, std::string_view key, bool otherwise);
// Of a number as YAML has it, also where a placeholder became one; empty for what is none, or not within the bounds.
[[nodiscard]] std::optional<std::int64_t> whole_number(const document::Value* value, std::int64_t least,
                                                       std::int64_t most);
[[nodiscard]] std::vector<std::string> texts_of(const document::Value& object, std::string_view key);
[[nodiscard]] std::vector<std::pair<std::string, std::string>> pairs_of(const document::Value* map);
[[nodiscard]] std::vector<model::Mount> mounts_from(const document::Value& object);
[[nodiscard]] std::vector<model::SecretMount> secret_mounts_from(const document::Value& object);
[[nodiscard]] std::vector<model::EnvironmentVariable> environment_from(const document::Value& object);
[[nodiscard]] std::vector<model::Endpoint> endpoints_from(const document::Value& object);

}  // namespace liminal::config
