#include "airflow_macros_time.hpp"

#include <array>

#include <time.h>

namespace liminal::engine::macros {
namespace {

constexpr std::string_view directives = "YymdHIMSjbBaApUWuwGVFTDRcxXe";

std::tm broken_down(Moment moment) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(moment);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

Result<std::string> format_moment(Moment moment, std::string_view format) {
  const std::tm parts = broken_down(moment);
  std::string result;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%') {
      result += format[at];
      continue;
    }
    const char directive = ++at < format.size() ? format[at] : '\0';
    if (directive == '%') {
      result += '%';
    } else if (directive == 'f') {
      result += "000000";
    } else if (directive == 'z') {
      result += "+0000";
    } else if (directive == 'Z') {
      result += "UTC";
    } else if (directive == 's') {
      result += std::to_string(moment.time_since_epoch().count());
    } else if (directive != '\0' && directives.find(directive) != std::string_view::npos) {
      const std::array<char, 3> one{'%', directive, '\0'};
      std::array<char, 64> buffer{};
      result.append(buffer.data(), ::strftime(buffer.data(), buffer.size(), one.data(), &parts));
    } else {
      return fail(ErrorKind::usage, std::string("the date format `%") + directive + "` is not known");
    }
  }
  return result;
}

Result<Moment> parse_moment(const std::string& text, const std::string& format) {
  std::tm parts{};
  parts.tm_mday = 1;
  const char* const end = ::strptime(text.c_str(), format.c_str(), &parts);
  if (end == nullptr || *end != '\0') {
    return fail(ErrorKind::usage, "`" + text + "` is not a date of the form `" + format + "`");
  }
  return Moment(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace liminal::engine::macros
