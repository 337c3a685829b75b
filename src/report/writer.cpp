#include "liminal/report/writer.hpp"

#include <array>
#include <utility>

#include "writers.hpp"

namespace liminal::report {

std::optional<Kind> kind_from(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Kind>, 6> kinds{{{"junit", Kind::junit},
                                                                    {"sarif", Kind::sarif},
                                                                    {"json", Kind::json},
                                                                    {"markdown", Kind::markdown},
                                                                    {"github", Kind::github},
                                                                    {"gitlab", Kind::gitlab}}};
  for (const auto& [known, kind] : kinds) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

std::string write(Kind kind, const RunReport& run, const Context& context) {
  switch (kind) {
    case Kind::junit:
      return to_junit(run, context);
    case Kind::sarif:
      return to_sarif(run, context);
    case Kind::json:
      return to_json(run);
    case Kind::markdown:
      return to_markdown(run);
    case Kind::github:
      return to_github(run, context);
    case Kind::gitlab:
      break;
  }
  return to_gitlab(run, context);
}

}  // namespace liminal::report
