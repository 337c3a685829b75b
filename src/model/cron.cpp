#include "liminal/model/cron.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include <fmt/format.h>

#include "liminal/base/letter_case.hpp"

namespace liminal::model {

namespace {

struct Preset {
  std::string_view name;
  std::string_view expression;
};

constexpr std::array presets{Preset{"@hourly", "0 * * * *"},   Preset{"@daily", "0 0 * * *"},
                             Preset{"@midnight", "0 0 * * *"}, Preset{"@weekly", "0 0 * * 0"},
                             Preset{"@monthly", "0 0 1 * *"},  Preset{"@quarterly", "0 0 1 */3 *"},
                             Preset{"@yearly", "0 0 1 1 *"},   Preset{"@annually", "0 0 1 1 *"}};

constexpr std::array<std::string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekday_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Field {
  std::string_view name;
  unsigned least = 0;
  unsigned most = 0;
  std::span<const std::string_view> names;
  unsigned first_name = 0;
  [[nodiscard]] bool is_weekday() const { return names.size() == weekday_names.size(); }
  [[nodiscard]] bool is_day() const { return is_weekday() || most == 31; }
};

constexpr std::array<Field, 5> fields{{{"minute", 0, 59, {}, 0},
                                       {"hour", 0, 23, {}, 0},
                                       {"day of month", 1, 31, {}, 0},
                                       {"month", 1, 12, month_names, 1},
                                       {"day of week", 0, 6, weekday_names, 0}}};

struct Word {
  std::string_view text;
  std::size_t begin = 0;
};

std::vector<Word> words_of(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\r\f\v";
  std::vector<Word> words;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(blanks, at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
    words.push_back({text.substr(at, end - at), at});
    at = end;
  }
  return words;
}

// What one field stands for.
struct FieldSet {
  std::bitset<64> numbers;
  bool any = false;   // it holds a `*` of its own, or is `?`
  bool plain = true;  // every cron reads its text alike
};

// Reads one field as croniter does; every fault knows the bytes at fault.
class FieldReader {
 public:
  FieldReader(const Field& field, const Word& word) : field_(field), word_(word) {}

  tl::expected<FieldSet, Cron::Fault> read() {
    if (word_.text == "?" && field_.is_day()) {
      set_.any = true;
      set_.plain = false;
      mark(field_.least, field_.most, 1);
      return set_;
    }
    std::size_t at = 0;
    for (;;) {
      const std::size_t end = std::min(word_.text.find(',', at), word_.text.size());
      if (auto fault = read_item(word_.text.substr(at, end - at), at)) return tl::unexpected(*fault);
      if (end == word_.text.size()) return set_;
      at = end + 1;
    }
  }

 private:
  [[nodiscard]] Cron::Fault fault(std::size_t at, std::string_view text, std::string message) const {
    // Nothing there: the nearest byte of the field is shown.
    if (text.empty() && at > 0 && at == word_.text.size()) --at;
    const std::size_t begin = word_.begin + at;
    return {begin, begin + std::max<std::size_t>(text.size(), 1), std::move(message)};
  }

  [[nodiscard]] std::string legal() const {
    if (!field_.names.empty()) {
      return fmt::format("it goes from {} to {}, or {} to {}", field_.least, field_.most, field_.names.front(),
                         field_.names.back());
    }
    return fmt::format("it goes from {} to {}", field_.least, field_.most);
  }

  tl::expected<unsigned, Cron::Fault> number(std::string_view text, std::size_t at) {
    const std::string lower = to_lower(text);
    const auto name = std::find(field_.names.begin(), field_.names.end(), lower);
    if (name != field_.names.end()) return static_cast<unsigned>(name - field_.names.begin()) + field_.first_name;
    if (text.empty()) return tl::unexpected(fault(at, text, fmt::format("the {} is missing here", field_.name)));
    if (auto refused = refusal(lower)) return tl::unexpected(fault(at, text, std::move(*refused)));
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
      return tl::unexpected(fault(at, text, fmt::format("`{}` is no {}; {}", text, field_.name, legal())));
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (field_.is_weekday() && error == std::errc() && value == 7) {
      set_.plain = false;
      return 0;  // Sunday is 0 and 7
    }
    if (error != std::errc() || value < field_.least || value > field_.most)
      return tl::unexpected(fault(at, text, fmt::format("{} is no {}; {}", text, field_.name, legal())));
    return value;
  }

  // What Airflow reads and few others do. Empty: it is none of that.
  [[nodiscard]] std::optional<std::string> refusal(std::string_view lower) const {
    if (lower == "?") return "`?` stands alone, in place of a day";
    const bool digits = lower.find_first_of("0123456789") != std::string_view::npos;
    const bool last_day = lower == "l" || (lower.starts_with('l') && digits);
    const bool nearest_weekday = lower.find('w') != std::string_view::npos && digits;
    const bool nth_weekday = lower.find('#') != std::string_view::npos;
    if (field_.is_day() && (last_day || nearest_weekday || nth_weekday))
      return "`L`, `W` and `#` are not supported: only some of the engines read them";
    if (lower == "h" || lower == "r" || lower.starts_with("h(") || lower.starts_with("r("))
      return "`H` and `R` are not supported: Airflow does not read them";
    return std::nullopt;
  }

  std::optional<Cron::Fault> read_item(std::string_view item, std::size_t at) {
    const std::size_t slash = item.find('/');
    const std::string_view range = item.substr(0, slash);
    const bool stepped = slash != std::string_view::npos;
    unsigned step = 1;
    if (stepped) {
      const auto read = step_of(item.substr(slash + 1), at + slash + 1);
      if (!read) return read.error();
      step = *read;
    }
    if (range == "*") {
      set_.any = set_.any || !stepped;
      set_.plain = set_.plain && !(stepped && step == 1);
      mark(field_.least, field_.most, step);
      return std::nullopt;
    }
    const std::size_t dash = range.find('-');
    const auto first = number(range.substr(0, dash), at);
    if (!first) return first.error();
    if (dash == std::string_view::npos) {
      mark(*first, stepped ? field_.most : *first, step);
      return std::nullopt;
    }
    const auto last = number(range.substr(dash + 1), at + dash + 1);
    if (!last) return last.error();
    if (*first < *last) {
      mark(*first, *last, step);
    } else {
      set_.plain = false;
      mark_around(*first, *last, step);
    }
    return std::nullopt;
  }

  tl::expected<unsigned, Cron::Fault> step_of(std::string_view text, std::size_t at) const {
    const bool digits =
        !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits)
      return tl::unexpected(fault(at, text, fmt::format("`{}` is no step; it is a whole number from 1", text)));
    unsigned step = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
    if (error == std::errc() && step == 0) return tl::unexpected(fault(at, text, "a step is at least 1"));
    constexpr unsigned beyond_every_field = 64;
    return error == std::errc() ? std::min(step, beyond_every_field) : beyond_every_field;
  }

  void mark(unsigned from, unsigned to, unsigned step) {
    for (unsigned value = from; value <= to; value += step) set_.numbers.set(value);
  }

  // Ranges that go on at the field's beginning (fri-mon). croniter reads one whose ends are equal as the whole field,
  // and counts a step that crosses the end in a way of its own, which is followed here.
  void mark_around(unsigned from, unsigned to, unsigned step) {
    if (from == to) return mark(field_.least, field_.most, step);
    mark(from, field_.most, step);
    const unsigned last = from + (field_.most - from) / step * step;
    const unsigned left = field_.most - last;
    const unsigned size = field_.most - field_.least + 1;
    const bool skips = last - field_.least + step > size && left < step;
    const unsigned begin = field_.least + (skips ? step - left : 0);
    mark(begin, to, step);
  }

  const Field& field_;
  const Word& word_;
  FieldSet set_;
};

bool is_whole(const Field& field, const FieldSet& set) {
  return set.numbers.count() == field.most - field.least + 1;
}

// croniter takes a day field that names every day for `*` when the other one has a `*` anywhere in it.
void widen(const Field& field, FieldSet& set, const Word& other) {
  if (set.any || !is_whole(field, set) || other.text.find('*') == std::string_view::npos) return;
  set.any = true;
  set.plain = false;
}

// The field in words that every cron reads alike.
std::string plain_text(const Field& field, const FieldSet& set, const Word& word) {
  if (set.plain) return std::string(word.text);
  if (set.any) return "*";
  if (is_whole(field, set)) return fmt::format("{}-{}", field.least, field.most);
  std::string text;
  for (unsigned value = field.least; value <= field.most; ++value) {
    if (set.numbers[value]) text += fmt::format("{}{}", text.empty() ? "" : ",", value);
  }
  return text;
}

template <std::size_t N>
std::bitset<N> narrow(const std::bitset<64>& set) {
  std::bitset<N> result;
  for (std::size_t i = 0; i < N; ++i) result[i] = set[i];
  return result;
}

// Nothing comes more seldom than a leap day on a given weekday; eight years hold the gap of a century without one.
constexpr std::chrono::days search_span{366 * 8};

}  // namespace

bool is_preset_without_times(std::string_view text) {
  return text == "@once" || text == "@continuous" || text == "None";
}

tl::expected<Cron, Cron::Fault> Cron::parse(std::string_view text) {
  const std::vector<Word> words = words_of(text);
  if (words.size() == 1 && words[0].text.starts_with('@')) {
    const auto preset = std::find_if(presets.begin(), presets.end(),
                                     [&](const Preset& item) { return item.name == to_lower(words[0].text); });
    if (preset != presets.end()) return parse(preset->expression);
    return tl::unexpected(Fault{words[0].begin, words[0].begin + words[0].text.size(),
                                "there is no such preset; there are @hourly, @daily, @midnight, @weekly, @monthly, "
                                "@quarterly, @yearly, @annually, @once and @continuous"});
  }
  if (words.size() != fields.size()) {
    return tl::unexpected(Fault{0, text.size(),
                                fmt::format("it has {} {}, not five (minute, hour, day of month, month, day of week)",
                                            words.size(), words.size() == 1 ? "field" : "fields")});
  }
  std::array<FieldSet, fields.size()> sets;
  Cron cron;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto set = FieldReader(fields[i], words[i]).read();
    if (!set) return tl::unexpected(std::move(set.error()));
    sets[i] = *set;
  }
  constexpr std::size_t day = 2;
  constexpr std::size_t weekday = 4;
  widen(fields[day], sets[day], words[weekday]);
  widen(fields[weekday], sets[weekday], words[day]);
  for (std::size_t i = 0; i < fields.size(); ++i)
    cron.expression_ += (i == 0 ? "" : " ") + plain_text(fields[i], sets[i], words[i]);
  cron.minutes_ = narrow<60>(sets[0].numbers);
  cron.hours_ = narrow<24>(sets[1].numbers);
  cron.days_ = narrow<32>(sets[2].numbers);
  cron.months_ = narrow<13>(sets[3].numbers);
  cron.weekdays_ = narrow<7>(sets[4].numbers);
  cron.any_day_ = sets[2].any;
  cron.any_weekday_ = sets[4].any;
  return cron;
}

bool Cron::matches_day(std::chrono::sys_days day) const {
  const std::chrono::year_month_day date{day};
  if (!months_[static_cast<unsigned>(date.month())]) return false;
  const bool day_fits = days_[static_cast<unsigned>(date.day())];
  const bool weekday_fits = weekdays_[std::chrono::weekday{day}.c_encoding()];
  // With both fields given, either is enough.
  if (!any_day_ && !any_weekday_) return day_fits || weekday_fits;
  return day_fits && weekday_fits;
}

std::optional<std::chrono::sys_seconds> Cron::next(std::chrono::sys_seconds time) const {
  using namespace std::chrono;
  const auto from = floor<minutes>(time) + minutes{1};
  const sys_days first = floor<days>(from);
  for (sys_days day = first; day <= first + search_span; day += days{1}) {
    if (!matches_day(day)) continue;
    const auto begin = day == first ? duration_cast<minutes>(from - first).count() : 0;
    for (auto minute = begin; minute < 24L * 60; ++minute) {
      const auto at = static_cast<std::size_t>(minute);
      if (hours_[at / 60] && minutes_[at % 60]) return sys_seconds{day} + minutes{minute};
    }
  }
  return std::nullopt;
}

std::optional<std::chrono::sys_seconds> Cron::previous(std::chrono::sys_seconds time) const {
  using namespace std::chrono;
  const auto from = ceil<minutes>(time) - minutes{1};
  const sys_days last = floor<days>(from);
  for (sys_days day = last; day >= last - search_span; day -= days{1}) {
    if (!matches_day(day)) continue;
    const auto begin = day == last ? duration_cast<minutes>(from - last).count() : 24 * 60 - 1;
    for (auto minute = begin; minute >= 0; --minute) {
      const auto at = static_cast<std::size_t>(minute);
      if (hours_[at / 60] && minutes_[at % 60]) return sys_seconds{day} + minutes{minute};
    }
  }
  return std::nullopt;
}

}  // namespace liminal::model
