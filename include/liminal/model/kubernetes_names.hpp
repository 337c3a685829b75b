// What Kubernetes takes as a name, by its own words for the kinds. An object of ours gets a name of the kind it needs
// (engine::kubernetes_name); these are for what is passed on as it is written.
#pragma once

#include <string_view>

namespace liminal::model {

// A namespace: lower-case letters, digits and dashes, at most 63, with a letter or digit first and last.
[[nodiscard]] bool is_dns_label(std::string_view text);

// Most objects: the same divided by dots, at most 253 in all.
[[nodiscard]] bool is_dns_subdomain(std::string_view text);

// Letters, digits, `-`, `_` and `.`, at most 63, with a letter or digit first and last; or nothing.
[[nodiscard]] bool is_label_value(std::string_view text);

// The name of a label or an annotation: NAME or DOMAIN/NAME.
[[nodiscard]] bool is_qualified_name(std::string_view text);

}  // namespace liminal::model
