// Base64 (RFC 4648), the usual alphabet and the one for addresses.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace liminal {

[[nodiscard]] std::string base64_encode(std::string_view bytes);
[[nodiscard]] std::string base64url_encode(std::string_view bytes);  // padded, as the Docker Engine wants it

// Either alphabet, padded or not, line breaks skipped; empty when the text is not Base64.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

}  // namespace liminal
