#include "liminal/model/cron.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <span>

#include <fmt/format.h>

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
};

const std::array<Field, 5>& fields() {
  static const std::array<Field, 5> all{Field{"minute", 0, 59, {}, 0}, Field{"hour", 0, 23, {}, 0},
                                        Field{"day of month", 1, 31, {}, 0}, Field{"month", 1, 12, month_names, 1},
                                        Field{"day of week", 0, 7, weekday_names, 0}};
  return all;
}

struct Word {
  std::string_view text;
  std::size_t begin = 0;
};

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \t", at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    words.push_back({text.substr(at, end - at), at});
    at = end;
  }
  return words;
}

// Reads one field into a set of its numbers; every fault knows the bytes at fault.
class FieldReader {
 public:
  FieldReader(const Field& field, const Word& word) : field_(field), word_(word) {}

  tl::expected<std::bitset<64>, Cron::Fault> read() {
    std::bitset<64> set;
    std::size_t at = 0;
    for (;;) {
      const std::size_t end = std::min(word_.text.find(',', at), word_.text.size());
      if (auto fault = read_item(word_.text.substr(at, end - at), at, set)) return tl::unexpected(*fault);
      if (end == word_.text.size()) return set;
      at = end + 1;
    }
  }

 private:
  [[nodiscard]] Cron::Fault fault(std::size_t at, std::string_view text, std::string message) const {
    const std::size_t begin = word_.begin + at;
    return {begin, begin + std::max<std::size_t>(text.size(), 1), std::move(message)};
  }

  tl::expected<unsigned, Cron::Fault> number(std::string_view text, std::size_t at) const {
    for (std::size_t i = 0; i < field_.names.size(); ++i) {
      const std::string_view name = field_.names[i];
      const bool same = name.size() == text.size() &&
                        std::equal(name.begin(), name.end(), text.begin(),
                                   [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
      if (same) return static_cast<unsigned>(i) + field_.first_name;
    }
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
      return tl::unexpected(fault(at, text, fmt::format("`{}` is no {}", text, field_.name)));
    }
    if (value < field_.least || value > field_.most) {
      return tl::unexpected(fault(
          at, text, fmt::format("{} is no {}; it goes from {} to {}", value, field_.name, field_.least, field_.most)));
    }
    return value;
  }

  std::optional<Cron::Fault> read_item(std::string_view item, std::size_t at, std::bitset<64>& set) const {
    const std::size_t slash = item.find('/');
    const std::string_view range = item.substr(0, slash);
    unsigned step = 1;
    if (slash != std::string_view::npos) {
      const std::string_view text = item.substr(slash + 1);
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
      if (text.empty() || error != std::errc() || end != text.data() + text.size() || step == 0) {
        return fault(at + slash + 1, text, fmt::format("`{}` is no step", text));
      }
    }
    unsigned from = field_.least;
    unsigned to = field_.names.size() == weekday_names.size() ? 6 : field_.most;
    if (range != "*") {
      const std::size_t dash = range.find('-');
      const auto first = number(range.substr(0, dash), at);
      if (!first) return first.error();
      from = *first;
      if (dash != std::string_view::npos) {
        const auto last = number(range.substr(dash + 1), at + dash + 1);
        if (!last) return last.error();
        to = *last;
      } else if (slash == std::string_view::npos) {
        to = from;
      }
    }
    mark(from, to, step, set);
    return std::nullopt;
  }

  // From the first number to the last; past the end of the field it goes on at its beginning (fri-mon).
  void mark(unsigned from, unsigned to, unsigned step, std::bitset<64>& set) const {
    const bool wraps = from > to;
    for (unsigned value = from; value <= (wraps ? field_.most : to); value += step) set.set(value);
    if (!wraps) return;
    const unsigned span = field_.most - field_.least + 1;
    for (unsigned value = from; value <= to + span; value += step)
      set.set((value - field_.least) % span + field_.least);
  }

  const Field& field_;
  const Word& word_;
};

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
  const auto preset =
      std::find_if(presets.begin(), presets.end(), [&](const Preset& item) { return item.name == text; });
  if (preset != presets.end()) return parse(preset->expression);
  const std::vector<Word> words = words_of(text);
  if (words.size() == 1 && words[0].text.starts_with('@'))
    return tl::unexpected(Fault{0, text.size(), "there is no such preset"});
  if (words.size() != fields().size()) {
    return tl::unexpected(Fault{
        0, text.size(), fmt::format("it has {} {}, not five", words.size(), words.size() == 1 ? "field" : "fields")});
  }
  std::array<std::bitset<64>, 5> sets;
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto set = FieldReader(fields()[i], words[i]).read();
    if (!set) return tl::unexpected(std::move(set.error()));
    sets[i] = *set;
  }
  Cron cron;
  cron.minutes_ = narrow<60>(sets[0]);
  cron.hours_ = narrow<24>(sets[1]);
  cron.days_ = narrow<32>(sets[2]);
  cron.months_ = narrow<13>(sets[3]);
  if (sets[4][7]) sets[4].set(0);  // Sunday is 0 and 7
  cron.weekdays_ = narrow<7>(sets[4]);
  cron.any_day_ = words[2].text == "*";
  cron.any_weekday_ = words[4].text == "*";
  for (const Word& word : words) cron.expression_ += (cron.expression_.empty() ? "" : " ") + std::string(word.text);
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
    for (auto minute = begin; minute < 24 * 60; ++minute) {
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
