// Files of a source folder that usually hold secrets, and that whoever has the image could read.
#pragma once

#include <string_view>

#include "liminal/diagnostic/diagnostic.hpp"
#include "liminal/model/model.hpp"

#include "source_tree.hpp"

namespace liminal::build {

// By its name alone; `path` is relative, with /. Examples and templates (.env.example) are none.
[[nodiscard]] bool usually_holds_secrets(std::string_view path);

// Rule secret-in-source: what `source` would carry into the image, in one finding; empty: nothing.
[[nodiscard]] std::vector<Diagnostic> secrets_packed(const model::System& system, const model::Image& image,
                                                     const SourceTree& source);

}  // namespace liminal::build
