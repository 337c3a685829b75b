// Rules that the validate stage reports itself: their documentation.
#include "catalogue.hpp"

namespace liminal::rules {

const Rule too_many_findings{
    .id = "too-many-findings",
    .severity = Severity::error,
    .summary = "A file has more findings than are told.",
    .explanation =
        R"(Of one file the 1000 worst findings are told, since nobody reads more and every report has its limits. The severity is that of the worst.)",
    .bad = {},
    .good = {},
    .check = nullptr,
};

}  // namespace liminal::rules
