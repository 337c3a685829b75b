#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

// A quantity of Kubernetes: digits, maybe with a fraction, then a decimal or binary unit or an exponent.
bool is_quantity(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view number = text.substr(0, digits);
  if (number.empty() || number == "." || std::count(number.begin(), number.end(), '.') > 1) return false;
  const std::string_view unit = text.substr(digits);
  constexpr std::array<std::string_view, 15> units{"",   "m",  "k",  "M",  "G",  "T",  "P", "E",
                                                   "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "n"};
  if (std::find(units.begin(), units.end(), unit) != units.end()) return true;
  if (unit.size() < 2 || (unit[0] != 'e' && unit[0] != 'E')) return false;
  const std::string_view exponent = unit.substr(unit[1] == '+' || unit[1] == '-' ? 2 : 1);
  return !exponent.empty() && exponent.find_first_not_of("0123456789") == std::string_view::npos;
}

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for (const model::Volume& volume : system.volumes) {
      // No claim is of nothing.
      const bool nothing = volume.capacity.substr(0, volume.capacity.find_first_of("eE")).find_first_of("123456789") ==
                           std::string::npos;
      if (is_quantity(volume.capacity) && !nothing) continue;
      Diagnostic found =
          finding(bad_quantity, system, model::locate(volume.value, "capacity"),
                  item_path("volumes", volume.name) + ".capacity", fmt::format("`{}` is not a size", volume.capacity));
      found.value = volume.capacity;
      found.help = "write a number and a unit: Ki, Mi, Gi, Ti (powers of 1024) or k, M, G, T (powers of 1000)";
      findings.report(std::move(found));
    }
  }
}

}  // namespace

const Rule bad_quantity{
    .id = "bad-quantity",
    .severity = Severity::error,
    .summary = "A size or amount is not one that Kubernetes reads.",
    .explanation =
        R"(A volume's `capacity` is a number with an optional unit: `100Gi`, `500Mi`, `2T`. Anything else is refused by the cluster when the volume is
made.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
volumes:
  - volume: data
    capacity: 10GB
    local:
      path: data
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
volumes:
  - volume: data
    capacity: 10G
    local:
      path: data
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
)",
    .check = check,
};

}  // namespace liminal::rules
