// JSON with members in the order they were put, so that what is written is the same every time.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace liminal {

using Json = nlohmann::ordered_json;

// The text of a member of what another program wrote: empty when `object` is none, or has no such text.
[[nodiscard]] std::string text_at(const Json& object, std::string_view member);

}  // namespace liminal
