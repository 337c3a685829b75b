// One function a report kind, each in the file of its name; and the limits of their readers.
#pragma once

#include <cstddef>
#include <string>

#include "liminal/report/writer.hpp"

namespace liminal::report {

[[nodiscard]] std::string to_junit(const RunReport& run, const Context& context);
[[nodiscard]] std::string to_sarif(const RunReport& run, const Context& context);
[[nodiscard]] std::string to_json(const RunReport& run);
[[nodiscard]] std::string to_markdown(const RunReport& run);
[[nodiscard]] std::string to_github(const RunReport& run, const Context& context);
[[nodiscard]] std::string to_gitlab(const RunReport& run, const Context& context);

namespace limits {
// GitHub's runner: annotations of each level a step, and UTF-16 units of a message; the rest is dropped silently.
inline constexpr std::size_t annotations_of_a_level = 10;
inline constexpr std::size_t annotation_bytes = 4096;
// GitHub drops a step's summary that is larger, as a whole.
inline constexpr std::size_t summary_bytes = 1U << 20;
// A comment of GitHub holds 65,536 characters. Bytes are counted here, with some room to spare.
inline constexpr std::size_t comment_bytes = 65'000;
// GitHub keeps so many results of a run, and the choice is not by severity.
inline constexpr std::size_t sarif_results = 5000;
inline constexpr std::size_t sarif_related = 50;
inline constexpr std::size_t sarif_rule_text = 1024;
// GitLab refuses a JUnit file of more than 30 MB. A character takes up to six bytes in XML.
inline constexpr std::size_t junit_body_bytes = 64U << 10;
inline constexpr std::size_t junit_bodies_bytes = 4U << 20;
}  // namespace limits

}  // namespace liminal::report
