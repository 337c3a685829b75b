// Objects of declared types become what the built-in types are: with `image` and `command`, with arguments, with what
// is preset. The name of the type stays, since it is what messages call it by.
#pragma once

#include "declared_types.hpp"

namespace liminal::config {

// Of a merged and rendered system. Reports what check_keys does, missing-key for a declared key that is required,
// and expansion-limit.
void expand_types(document::Value& root, const TypeTable& types, DiagnosticSink& findings);

}  // namespace liminal::config
