// Cron schedules as Airflow reads them (croniter): five fields with names, ranges, steps, lists, `?`, and the @
// presets. Both day fields given means that either is enough. Refused, though Airflow reads them, since other engines
// do not: a field for seconds or years, `L`, `W` and `#`.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/result.hpp"

namespace liminal::model {

class Cron {
 public:
  // Why a text is not a schedule: which of its bytes are at fault and what may stand there.
  struct Fault {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string message;
  };

  // @hourly, @daily, @weekly, @monthly, @quarterly, @yearly, @annually, @midnight are cron; @once, @continuous and None
  // are not (see is_preset_without_times).
  [[nodiscard]] static tl::expected<Cron, Fault> parse(std::string_view text);

  // The first moment after `time` (UTC, whole minutes) that matches; empty when none does within eight years (31
  // February).
  [[nodiscard]] std::optional<std::chrono::sys_seconds> next(std::chrono::sys_seconds time) const;
  // The last moment before `time`.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> previous(std::chrono::sys_seconds time) const;
  // The five fields that mean the same to every cron: without presets, `?`, 7 for Sunday, and ranges across a field's
  // end.
  [[nodiscard]] const std::string& expression() const { return expression_; }

 private:
  [[nodiscard]] bool matches_day(std::chrono::sys_days day) const;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;  // 0 is Sunday
  bool any_day_ = true;
  bool any_weekday_ = true;
  std::string expression_;
};

// @once, @continuous, None: legal to Airflow, but no cron.
[[nodiscard]] bool is_preset_without_times(std::string_view text);

}  // namespace liminal::model
