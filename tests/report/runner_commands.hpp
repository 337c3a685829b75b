// A model of how GitHub's runner and Azure's agent find commands in a step's output.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace liminal::testing {

// White space as .NET's TrimStart has it, in UTF-8, and code points that its comparisons pass over.
inline std::string_view without_leading_white_space(std::string_view line) {
  static constexpr std::string_view blanks[] = {" ",
                                                "\t",
                                                "\v",
                                                "\f",
                                                "\xC2\x85",
                                                "\xC2\xA0",
                                                "\xE1\x9A\x80",
                                                "\xE2\x80\x80",
                                                "\xE2\x80\x81",
                                                "\xE2\x80\x82",
                                                "\xE2\x80\x83",
                                                "\xE2\x80\x84",
                                                "\xE2\x80\x85",
                                                "\xE2\x80\x86",
                                                "\xE2\x80\x87",
                                                "\xE2\x80\x88",
                                                "\xE2\x80\x89",
                                                "\xE2\x80\x8A",
                                                "\xE2\x80\x8B",
                                                "\xE2\x80\xA8",
                                                "\xE2\x80\xA9",
                                                "\xE2\x80\xAF",
                                                "\xE2\x81\x9F",
                                                "\xE3\x80\x80",
                                                "\xEF\xBB\xBF",
                                                "\xEF\xB8\x8F",
                                                "\xCD\x8F"};
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view blank : blanks) {
      if (line.starts_with(blank)) {
        line.remove_prefix(blank.size());
        again = true;
      }
    }
  }
  return line;
}

// The lines of `output` that would be taken as a command, whether or not its name is a known one.
inline std::vector<std::string> runner_commands(std::string_view output) {
  std::vector<std::string> found;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find_first_of("\r\n"), output.size());
    const std::string_view line = output.substr(0, end);
    const std::string_view trimmed = without_leading_white_space(line);
    const bool second_form = trimmed.starts_with("::") && trimmed.find("::", 2) != std::string_view::npos;
    const bool first_form = line.find("##[") != std::string_view::npos;
    const bool azure = line.find("##vso[") != std::string_view::npos;
    if (second_form || first_form || azure) found.emplace_back(line);
    output.remove_prefix(std::min(end + 1, output.size()));
  }
  return found;
}

}  // namespace liminal::testing
