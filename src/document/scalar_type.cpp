// The implicit types of YAML 1.1 plain scalars, as PyYAML's resolver and safe constructor have them. The grammars are
// those of https://yaml.org/type/ with PyYAML's narrowings: no y and n, an exponent needs a dot and a sign.
#include "scalar_type.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "liminal/document/document.hpp"

namespace liminal::document {

namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes pieces off the front of a text; a piece that is not there leaves the text as it was.
struct Reader {
  std::string_view rest;

  bool done() const { return rest.empty(); }
  bool take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    return true;
  }
  void take_sign() {
    if (!take('-')) take('+');
  }
  template <class Predicate>
  std::size_t take_while(Predicate predicate) {
    std::size_t count = 0;
    while (count < rest.size() && predicate(rest[count])) ++count;
    rest.remove_prefix(count);
    return count;
  }
  std::size_t digits() { return take_while(is_digit); }
  std::size_t digits_or_underscores() {
    return take_while([](char c) { return is_digit(c) || c == '_'; });
  }
  std::size_t blanks() {
    return take_while([](char c) { return c == ' ' || c == '\t'; });
  }
};

bool is_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 18> words{"yes",   "Yes",   "YES",   "no", "No", "NO", "true", "True", "TRUE",
                                                   "false", "False", "FALSE", "on", "On", "ON", "off",  "Off",  "OFF"};
  return text.size() <= 5 && std::find(words.begin(), words.end(), text) != words.end();
}

bool is_null(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

// (:[0-5]?[0-9])+
bool take_sexagesimal_groups(Reader& reader) {
  bool any = false;
  while (reader.take(':')) {
    if (reader.rest.empty() || !is_digit(reader.rest.front())) return false;
    const bool two = reader.rest.size() > 1 && reader.rest[0] <= '5' && is_digit(reader.rest[1]);
    reader.rest.remove_prefix(two ? 2 : 1);
    any = true;
  }
  return any;
}

bool is_integer(std::string_view text) {
  Reader reader{text};
  reader.take_sign();
  if (reader.take("0b")) {
    return reader.take_while([](char c) { return c == '0' || c == '1' || c == '_'; }) > 0 && reader.done();
  }
  if (reader.take("0x")) {
    return reader.take_while([](char c) {
      return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '_';
    }) > 0 &&
           reader.done();
  }
  if (reader.take('0')) {
    reader.take_while([](char c) { return (c >= '0' && c <= '7') || c == '_'; });
    return reader.done();
  }
  if (reader.rest.empty() || !is_digit(reader.rest.front())) return false;
  reader.digits_or_underscores();
  if (reader.done()) return true;
  return take_sexagesimal_groups(reader) && reader.done();
}

// ([eE][-+][0-9]+)? to the end
bool ends_with_exponent(Reader& reader) {
  if (reader.done()) return true;
  if (!reader.take('e') && !reader.take('E')) return false;
  if (!reader.take('-') && !reader.take('+')) return false;
  return reader.digits() > 0 && reader.done();
}

bool is_float(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  Reader reader{text};
  reader.take_sign();
  if (reader.rest == ".inf" || reader.rest == ".Inf" || reader.rest == ".INF") return true;
  if (reader.take('.')) {
    // Without a sign, and a digit first.
    if (text.front() != '.' || reader.rest.empty() || !is_digit(reader.rest.front())) return false;
    reader.digits_or_underscores();
    return ends_with_exponent(reader);
  }
  if (reader.rest.empty() || !is_digit(reader.rest.front())) return false;
  reader.digits_or_underscores();
  if (reader.take('.')) {
    reader.digits_or_underscores();
    return ends_with_exponent(reader);
  }
  if (!take_sexagesimal_groups(reader) || !reader.take('.')) return false;
  reader.digits_or_underscores();
  return reader.done();
}

bool between(std::size_t count, std::size_t least, std::size_t most) {
  return count >= least && count <= most;
}

bool is_timestamp(std::string_view text) {
  Reader reader{text};
  if (reader.digits() != 4 || !reader.take('-')) return false;
  const std::size_t month = reader.digits();
  if (!between(month, 1, 2) || !reader.take('-')) return false;
  const std::size_t day = reader.digits();
  if (!between(day, 1, 2)) return false;
  if (reader.done()) return month == 2 && day == 2;
  if (!reader.take('T') && !reader.take('t') && reader.blanks() == 0) return false;
  if (!between(reader.digits(), 1, 2) || !reader.take(':')) return false;
  if (reader.digits() != 2 || !reader.take(':') || reader.digits() != 2) return false;
  if (reader.take('.')) reader.digits();
  if (reader.done()) return true;
  reader.blanks();
  if (reader.take('Z')) return reader.done();
  if (!reader.take('-') && !reader.take('+')) return false;
  if (!between(reader.digits(), 1, 2)) return false;
  if (reader.done()) return true;
  return reader.take(':') && reader.digits() == 2 && reader.done();
}

std::string without_underscores(std::string_view text) {
  std::string result(text);
  std::erase(result, '_');
  return result;
}

bool take_sign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

std::optional<std::int64_t> with_sign(std::uint64_t magnitude, bool negative) {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (negative && magnitude == most + 1) return std::numeric_limits<std::int64_t>::min();
  if (magnitude > most) return std::nullopt;
  const auto value = static_cast<std::int64_t>(magnitude);
  return negative ? -value : value;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view digits, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_sexagesimal(std::string_view text) {
  std::uint64_t value = 0;
  while (true) {
    const std::size_t colon = text.find(':');
    const auto part = parse_unsigned(text.substr(0, colon), 10);
    std::uint64_t scaled = 0;
    if (!part || __builtin_mul_overflow(value, std::uint64_t{60}, &scaled) ||
        __builtin_add_overflow(scaled, *part, &value)) {
      return std::nullopt;
    }
    if (colon == std::string_view::npos) return value;
    text.remove_prefix(colon + 1);
  }
}

// As Python's float() reads it: an overflow is infinite, an underflow zero.
std::optional<double> parse_decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    const std::size_t exponent = text.find_first_of("eE");
    const bool tiny = exponent != std::string_view::npos && text.substr(exponent + 1).starts_with('-');
    return tiny ? 0.0 : std::numeric_limits<double>::infinity();
  }
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::optional<double> parse_sexagesimal_float(std::string_view text) {
  double value = 0;
  while (true) {
    const std::size_t colon = text.find(':');
    const auto part = parse_decimal(text.substr(0, colon));
    if (!part) return std::nullopt;
    value = value * 60 + *part;
    if (colon == std::string_view::npos) return value;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

std::optional<std::int64_t> read_integer(std::string_view text) {
  const std::string plain = without_underscores(text);
  std::string_view rest = plain;
  const bool negative = take_sign(rest);
  std::optional<std::uint64_t> magnitude;
  if (rest.starts_with("0b")) {
    magnitude = parse_unsigned(rest.substr(2), 2);
  } else if (rest.starts_with("0x")) {
    magnitude = parse_unsigned(rest.substr(2), 16);
  } else if (rest.starts_with('0')) {
    magnitude = parse_unsigned(rest, 8);
  } else if (rest.find(':') != std::string_view::npos) {
    magnitude = parse_sexagesimal(rest);
  } else {
    magnitude = parse_unsigned(rest, 10);
  }
  return magnitude ? with_sign(*magnitude, negative) : std::nullopt;
}

std::optional<double> read_float(std::string_view text) {
  std::string plain = without_underscores(text);
  std::transform(plain.begin(), plain.end(), plain.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  std::string_view rest = plain;
  const bool negative = take_sign(rest);
  std::optional<double> magnitude;
  if (rest == ".inf") {
    magnitude = std::numeric_limits<double>::infinity();
  } else if (rest == ".nan") {
    return std::numeric_limits<double>::quiet_NaN();
  } else if (rest.find(':') != std::string_view::npos) {
    magnitude = parse_sexagesimal_float(rest);
  } else {
    magnitude = parse_decimal(rest);
  }
  if (!magnitude) return std::nullopt;
  return negative ? -*magnitude : *magnitude;
}

ScalarType classify_plain(std::string_view text) {
  if (text.empty()) return ScalarType::null;
  // As in PyYAML, the first character tells which types are possible at all.
  switch (text.front()) {
    case 'y':
    case 'Y':
    case 't':
    case 'T':
    case 'f':
    case 'F':
    case 'o':
    case 'O':
      return is_boolean(text) ? ScalarType::boolean : ScalarType::string;
    case 'n':
    case 'N':
      if (is_null(text)) return ScalarType::null;
      return is_boolean(text) ? ScalarType::boolean : ScalarType::string;
    case '~':
      return is_null(text) ? ScalarType::null : ScalarType::string;
    case '+':
    case '-':
    case '.':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      if (is_float(text)) return ScalarType::floating;
      if (is_integer(text)) return ScalarType::integer;
      return is_timestamp(text) ? ScalarType::timestamp : ScalarType::string;
    default:
      return ScalarType::string;
  }
}

std::optional<bool> read_boolean(std::string_view text) {
  if (!is_boolean(text)) return std::nullopt;
  const char second = text[1];
  return text.front() == 'y' || text.front() == 'Y' || text.front() == 't' || text.front() == 'T' ||
         ((text.front() == 'o' || text.front() == 'O') && (second == 'n' || second == 'N'));
}

std::optional<bool> parse_boolean(std::string_view text) {
  return read_boolean(text);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  return is_integer(text) ? read_integer(text) : std::nullopt;
}

std::optional<double> parse_float(std::string_view text) {
  return is_float(text) ? read_float(text) : std::nullopt;
}

std::optional<bool> as_boolean(const Node& node) {
  if (node.kind != Kind::scalar || node.scalar_type != ScalarType::boolean) return std::nullopt;
  return read_boolean(node.scalar);
}

std::optional<std::int64_t> as_integer(const Node& node) {
  if (node.kind != Kind::scalar || node.scalar_type != ScalarType::integer) return std::nullopt;
  return read_integer(node.scalar);
}

std::optional<double> as_number(const Node& node) {
  if (node.kind != Kind::scalar) return std::nullopt;
  if (node.scalar_type == ScalarType::floating) return read_float(node.scalar);
  if (node.scalar_type != ScalarType::integer) return std::nullopt;
  if (const auto integer = read_integer(node.scalar)) return static_cast<double>(*integer);
  return read_float(node.scalar);
}

}  // namespace liminal::document
