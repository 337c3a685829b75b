// JSON with members in the order they were put, so that what is written is the same every time.
#pragma once

#include <nlohmann/json.hpp>

namespace liminal {
using Json = nlohmann::ordered_json;
}
