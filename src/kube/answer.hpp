// What a server's answers hold, and the words for what it refused.
#pragma once

#include <optional>
#include <string_view>

#include "liminal/base/http.hpp"
#include "liminal/kube/client.hpp"

#include "hidden_text.hpp"

namespace liminal::kube {

// A refusal's Status as far as it can be read. Its texts are bounded and free of `hidden`.
[[nodiscard]] Answer read_refusal(const HttpResponse& response, const HiddenText& hidden);
// A Status object that came inside a body: in a watch, or as an answer.
[[nodiscard]] Answer read_status(const Json& status, int code, const HiddenText& hidden);

// The texts of Warning headers, each once.
[[nodiscard]] std::vector<std::string> read_warnings(const HttpHeaders& headers, const HiddenText& hidden);

}  // namespace liminal::kube
