// Untrusted text in Markdown (CommonMark with GitHub's and GitLab's additions): no markup, link, image, mention or
// reference comes out of it, in a table cell or elsewhere; nor a workflow command, where a log shows it.
#pragma once

#include <string>
#include <string_view>

namespace liminal::report {

// A name or value, as code. Mentions and references are not looked for in code.
[[nodiscard]] std::string markdown_code(std::string_view text);
// A sentence on one line: plain words stay; what stands in back quotes, and every word that could be more than a word,
// becomes code.
[[nodiscard]] std::string markdown_sentence(std::string_view text);
// Lines as they are, in a <pre> block of its own.
[[nodiscard]] std::string markdown_block(std::string_view text);

}  // namespace liminal::report
