#include "python_text.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

#include "scalar_type.hpp"
#include "utf8.hpp"

namespace liminal::document {

namespace {

// Digits of an integer of any size, least significant first, in base 10^9.
class BigInteger {
 public:
  void multiply_and_add(std::uint32_t factor, std::uint32_t summand) {
    std::uint64_t carry = summand;
    for (std::uint32_t& part : parts_) {
      carry += std::uint64_t{part} * factor;
      part = static_cast<std::uint32_t>(carry % base);
      carry /= base;
    }
    if (carry != 0) parts_.push_back(static_cast<std::uint32_t>(carry));
  }

  std::string decimal() const {
    if (parts_.empty()) return "0";
    std::string text = std::to_string(parts_.back());
    for (auto part = std::next(parts_.rbegin()); part != parts_.rend(); ++part) {
      const std::string digits = std::to_string(*part);
      text += std::string(9 - digits.size(), '0') + digits;
    }
    return text;
  }

 private:
  static constexpr std::uint64_t base = 1'000'000'000;
  std::vector<std::uint32_t> parts_;
};

// Conversion takes the square of the length: a longer integer stays as written.
constexpr std::size_t longest_integer = 4300;

std::optional<std::string> big_integer_text(std::string_view scalar) {
  std::string digits(scalar);
  std::erase(digits, '_');
  std::string_view rest = digits;
  if (rest.size() > longest_integer) return std::nullopt;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  std::uint32_t base = 10;
  if (rest.starts_with("0b") || rest.starts_with("0x")) {
    base = rest[1] == 'b' ? 2 : 16;
    rest.remove_prefix(2);
  } else if (rest.starts_with('0')) {
    base = 8;
  }
  BigInteger value;
  if (rest.find(':') != std::string_view::npos) {
    // Groups of base 60; the first may be long.
    std::size_t colon = rest.find(':');
    for (const char c : rest.substr(0, colon)) value.multiply_and_add(10, static_cast<std::uint32_t>(c - '0'));
    while (colon != std::string_view::npos) {
      rest.remove_prefix(colon + 1);
      colon = rest.find(':');
      std::uint32_t group = 0;
      for (const char c : rest.substr(0, colon)) group = group * 10 + static_cast<std::uint32_t>(c - '0');
      value.multiply_and_add(60, group);
    }
  } else {
    for (const char c : rest) {
      const auto digit = hexadecimal_digit(c);
      if (!digit || *digit >= base) return std::nullopt;
      value.multiply_and_add(base, *digit);
    }
  }
  return (negative ? "-" : "") + value.decimal();
}

std::string integer_text(std::string_view scalar) {
  if (const auto value = read_integer(scalar)) return std::to_string(*value);
  return big_integer_text(scalar).value_or(std::string(scalar));
}

// repr() of a float: the shortest digits that read back, an exponent below 1e-4 and from 1e16.
std::string float_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 64> buffer{};
  const auto scientific =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  std::string text(buffer.data(), scientific.ptr);
  const int exponent = std::atoi(text.c_str() + text.find('e') + 1);
  if (exponent < -4 || exponent >= 16) return text;
  const auto fixed = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  std::string plain(buffer.data(), fixed.ptr);
  return plain.find('.') == std::string::npos ? plain + ".0" : plain;
}

// A timestamp's parts, as PyYAML takes them.
struct Timestamp {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  bool has_time = false;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
  bool has_zone = false;
  int zone_minutes = 0;
};

int take_number(std::string_view& text) {
  int value = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  return value;
}

void skip_one(std::string_view& text) {
  if (!text.empty()) text.remove_prefix(1);
}

int take_fraction(std::string_view& text) {
  int value = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits++ < 6) value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  for (; digits < 6; ++digits) value *= 10;
  return value;
}

std::optional<Timestamp> read_timestamp(std::string_view text) {
  if (classify_plain(text) != ScalarType::timestamp) return std::nullopt;
  Timestamp stamp;
  stamp.year = take_number(text);
  skip_one(text);
  stamp.month = static_cast<unsigned>(take_number(text));
  skip_one(text);
  stamp.day = static_cast<unsigned>(take_number(text));
  const std::chrono::year_month_day date{std::chrono::year{stamp.year}, std::chrono::month{stamp.month},
                                         std::chrono::day{stamp.day}};
  if (stamp.year == 0 || !date.ok()) return std::nullopt;
  if (text.empty()) return stamp;
  stamp.has_time = true;
  text.remove_prefix(text.find_first_of("0123456789"));
  stamp.hour = take_number(text);
  skip_one(text);
  stamp.minute = take_number(text);
  skip_one(text);
  stamp.second = take_number(text);
  if (text.starts_with('.')) {
    skip_one(text);
    stamp.microsecond = take_fraction(text);
  }
  if (stamp.hour > 23 || stamp.minute > 59 || stamp.second > 59) return std::nullopt;
  const std::size_t zone = text.find_first_of("Z+-");
  if (zone == std::string_view::npos) return stamp;
  stamp.has_zone = true;
  const char sign = text[zone];
  text.remove_prefix(zone + 1);
  if (sign == 'Z') return stamp;
  stamp.zone_minutes = take_number(text) * 60;
  skip_one(text);
  stamp.zone_minutes += take_number(text);
  if (stamp.zone_minutes >= 24 * 60) return std::nullopt;
  if (sign == '-') stamp.zone_minutes = -stamp.zone_minutes;
  return stamp;
}

// date.isoformat() or datetime.isoformat(separator)
std::string iso_text(const Timestamp& stamp, char separator) {
  std::array<char, 64> buffer{};
  const auto format = [&](const char* pattern, auto... values) {
    std::snprintf(buffer.data(), buffer.size(), pattern, values...);
    return std::string(buffer.data());
  };
  std::string text = format("%04d-%02u-%02u", stamp.year, stamp.month, stamp.day);
  if (!stamp.has_time) return text;
  text += separator + format("%02d:%02d:%02d", stamp.hour, stamp.minute, stamp.second);
  if (stamp.microsecond != 0) text += format(".%06d", stamp.microsecond);
  if (stamp.has_zone) {
    const int minutes = std::abs(stamp.zone_minutes);
    text += format("%c%02d:%02d", stamp.zone_minutes < 0 ? '-' : '+', minutes / 60, minutes % 60);
  }
  return text;
}

std::string timestamp_text(std::string_view scalar, char separator) {
  const auto stamp = read_timestamp(scalar);
  return stamp ? iso_text(*stamp, separator) : std::string(scalar);
}

}  // namespace

std::string python_text(ScalarType type, std::string_view scalar) {
  switch (type) {
    case ScalarType::null:
      return {};
    case ScalarType::boolean:
      return read_boolean(scalar).value_or(false) ? "True" : "False";
    case ScalarType::integer:
      return integer_text(scalar);
    case ScalarType::floating: {
      const auto value = read_float(scalar);
      return value ? float_text(*value) : std::string(scalar);
    }
    case ScalarType::timestamp:
      return timestamp_text(scalar, ' ');
    case ScalarType::string:
      break;
  }
  return std::string(scalar);
}

Json python_json(ScalarType type, std::string_view scalar) {
  switch (type) {
    case ScalarType::null:
      return nullptr;
    case ScalarType::boolean:
      return read_boolean(scalar).value_or(false);
    case ScalarType::integer:
      if (const auto value = read_integer(scalar)) return *value;
      return integer_text(scalar);
    case ScalarType::floating: {
      const auto value = read_float(scalar);
      if (value && std::isfinite(*value)) return *value;
      return python_text(type, scalar);
    }
    case ScalarType::timestamp:
      return timestamp_text(scalar, 'T');
    case ScalarType::string:
      break;
  }
  return std::string(scalar);
}

std::optional<double> integer_as_double(std::string_view scalar) {
  if (const auto value = read_integer(scalar)) return static_cast<double>(*value);
  const auto decimal = big_integer_text(scalar);
  return decimal ? read_float(*decimal) : std::nullopt;
}

}  // namespace liminal::document
