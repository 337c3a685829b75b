#include "airflow_macros_evaluator.hpp"

#include <algorithm>
#include <cctype>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "airflow_macros_time.hpp"

namespace liminal::engine::macros {
namespace {

using jinja::Expression;
using std::chrono::days;
using std::chrono::seconds;

constexpr std::int64_t longest_shift = std::int64_t{400} * 366 * 86400;  // 400 years, in seconds

struct Value {
  // `object` is a namespace such as `macros`, and something callable; `text` holds its dotted name.
  enum class Kind { undefined, text, integer, moment, duration, object };
  Kind kind = Kind::undefined;
  std::string text;         // undefined: what was looked for
  std::int64_t number = 0;  // integer; duration, in seconds
  Moment moment{};          // moment, and the moment a method of it is called on
};

Value of_text(std::string text) {
  return {Value::Kind::text, std::move(text), 0, {}};
}
Value of_integer(std::int64_t number) {
  return {Value::Kind::integer, "", number, {}};
}
Value of_moment(Moment moment) {
  return {Value::Kind::moment, "", 0, moment};
}
Value of_duration(std::int64_t number) {
  return {Value::Kind::duration, "", number, {}};
}
Value of_object(std::string name, Moment moment = {}) {
  return {Value::Kind::object, std::move(name), 0, moment};
}
Value undefined(std::string name) {
  return {Value::Kind::undefined, std::move(name), 0, {}};
}

Result<Value> formatted(Moment moment, std::string_view format) {
  return format_moment(moment, format).map([](std::string text) { return of_text(std::move(text)); });
}

constexpr std::string_view known =
    "known are ds, ds_nodash, ts, ts_nodash, ts_nodash_with_tz, logical_date, execution_date, data_interval_start, "
    "data_interval_end, prev_ds, next_ds, yesterday_ds, tomorrow_ds, run_id, dag_run, dag, task, ti, params, "
    "var.value, "
    "macros, and the file's own variables";

tl::unexpected<Error> unknown(const std::string& name) {
  for (const std::string_view conf : {"params.", "dag_run.conf."}) {
    if (!name.starts_with(conf)) continue;
    return fail(ErrorKind::usage, fmt::format("nothing gives `{}` a value", name),
                fmt::format("start the run with --param {}=VALUE", name.substr(conf.size())));
  }
  return fail(ErrorKind::usage, "`" + name + "` is not known in a run outside Airflow", std::string(known));
}

// Jinja's format of a moment that a filter or a plain name of the `ds` family asks for.
std::optional<std::string_view> format_of(std::string_view name) {
  if (name == "ds") return "%Y-%m-%d";
  if (name == "ds_nodash") return "%Y%m%d";
  if (name == "ts") return "%Y-%m-%dT%H:%M:%S+00:00";
  if (name == "ts_nodash") return "%Y%m%dT%H%M%S";
  if (name == "ts_nodash_with_tz") return "%Y%m%dT%H%M%S+0000";
  return std::nullopt;
}

class Evaluator {
 public:
  explicit Evaluator(const MacroContext& context) : context_(context) {}

  Result<Value> value(const Expression& node) const {
    switch (node.kind) {
      case Expression::Kind::text:
        return of_text(node.name);
      case Expression::Kind::integer:
        return of_integer(node.number);
      case Expression::Kind::name:
        return global(node.name);
      case Expression::Kind::attribute:
        return value(*node.left).and_then([&](const Value& of) { return attribute(of, node.name); });
      case Expression::Kind::item:
        return item(node);
      case Expression::Kind::call:
        return call(node);
      case Expression::Kind::filter:
        return filter(node);
      case Expression::Kind::add:
      case Expression::Kind::subtract:
        return sum(node);
      case Expression::Kind::concatenate:
        return concatenate(node);
      case Expression::Kind::test:
      case Expression::Kind::other:
        break;
    }
    return fail(ErrorKind::usage,
                "`" + (node.kind == Expression::Kind::test ? "is " + node.name : node.name) + "` needs Airflow itself",
                "names, calls, filters, + - ~, texts and whole numbers are rendered here");
  }

  Result<std::string> text(const Value& of) const {
    switch (of.kind) {
      case Value::Kind::text:
        return of.text;
      case Value::Kind::integer:
        return std::to_string(of.number);
      case Value::Kind::moment:
        return format_moment(of.moment, "%Y-%m-%d %H:%M:%S+00:00");
      case Value::Kind::duration:
        return fail(ErrorKind::usage, "a time difference cannot be printed alone", "add it to a date");
      case Value::Kind::undefined:
        return unknown(of.text);
      case Value::Kind::object:
        break;
    }
    return fail(ErrorKind::usage, "`" + of.text + "` is not a value by itself", "name one of its members, or call it");
  }

 private:
  Result<Value> global(const std::string& name) const {
    if (const auto own = context_.variables.find(name); own != context_.variables.end()) return of_text(own->second);
    if (const auto format = format_of(name)) return formatted(context_.logical_date, *format);
    if (name == "logical_date" || name == "execution_date") return of_moment(context_.logical_date);
    if (name == "data_interval_start") return of_moment(context_.data_interval_start);
    if (name == "data_interval_end") return of_moment(context_.data_interval_end);
    if (auto near = neighbouring_day(name)) return *near;
    if (name == "run_id") return of_text(context_.run_id);
    for (const std::string_view object : {"dag_run", "dag", "task", "ti", "task_instance", "params", "var", "macros"}) {
      if (name == object) return of_object(name);
    }
    return undefined(name);
  }

  // A run started by hand is its own neighbour in Airflow: prev_ds and next_ds are ds.
  std::optional<Result<Value>> neighbouring_day(std::string_view name) const {
    const bool plain = name.ends_with("_nodash");
    const std::string_view stem = plain ? name.substr(0, name.size() - 7) : name;
    const std::string_view format = plain ? "%Y%m%d" : "%Y-%m-%d";
    if (stem == "prev_ds" || stem == "next_ds") return formatted(context_.logical_date, format);
    if (stem == "yesterday_ds") return formatted(context_.logical_date - days(1), format);
    if (stem == "tomorrow_ds") return formatted(context_.logical_date + days(1), format);
    return std::nullopt;
  }

  Result<Value> attribute(const Value& of, const std::string& name) const {
    if (of.kind == Value::Kind::undefined) return unknown(of.text);
    if (of.kind == Value::Kind::moment) return moment_member(of.moment, name);
    if (of.kind != Value::Kind::object) return fail(ErrorKind::usage, "a text or number has no `" + name + "` here");
    const std::string full = of.text + "." + name;
    if (of.text == "params" || of.text == "dag_run.conf") {
      if (of.text == "dag_run.conf" && name == "get") return of_object(full);
      return entry(context_.params, full, name);
    }
    if (of.text == "var.value") return name == "get" ? of_object(full) : entry(context_.variables, full, name);
    if (full == "dag_run.run_id") return of_text(context_.run_id);
    if (full == "dag_run.logical_date" || full == "dag_run.execution_date") return of_moment(context_.logical_date);
    if (full == "dag_run.data_interval_start") return of_moment(context_.data_interval_start);
    if (full == "dag_run.data_interval_end") return of_moment(context_.data_interval_end);
    if (full == "dag.dag_id" || full == "dag_run.dag_id" || of_instance(of, name, "dag_id")) {
      return of_text(context_.dag_id);
    }
    if (full == "task.task_id" || of_instance(of, name, "task_id")) return of_text(context_.task_id);
    if (of_instance(of, name, "run_id")) return of_text(context_.run_id);
    if (of_instance(of, name, "try_number")) return of_integer(context_.try_number);
    for (const std::string_view object :
         {"dag_run.conf", "var.value", "macros.ds_add", "macros.ds_format", "macros.timedelta"}) {
      if (full == object) return of_object(full);
    }
    return undefined(full);
  }

  static bool of_instance(const Value& of, std::string_view name, std::string_view member) {
    return (of.text == "ti" || of.text == "task_instance") && name == member;
  }

  static Value entry(const std::map<std::string, std::string>& entries, const std::string& full,
                     const std::string& name) {
    const auto found = entries.find(name);
    return found == entries.end() ? undefined(full) : of_text(found->second);
  }

  static Result<Value> moment_member(Moment moment, const std::string& name) {
    const auto day = std::chrono::floor<days>(moment);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(moment - day);
    if (name == "year") return of_integer(static_cast<int>(date.year()));
    if (name == "month") return of_integer(static_cast<unsigned>(date.month()));
    if (name == "day") return of_integer(static_cast<unsigned>(date.day()));
    if (name == "hour") return of_integer(time.hours().count());
    if (name == "minute") return of_integer(time.minutes().count());
    if (name == "second") return of_integer(time.seconds().count());
    if (name == "int_timestamp") return of_integer(moment.time_since_epoch().count());
    for (const std::string_view method :
         {"strftime", "isoformat", "to_date_string", "to_datetime_string", "date", "add", "subtract"}) {
      if (name == method) return of_object("datetime." + name, moment);
    }
    return undefined("datetime." + name);
  }

  Result<Value> item(const Expression& node) const {
    auto of = value(*node.left);
    if (!of) return of;
    auto key = value(*node.right).and_then([&](const Value& found) { return text(found); });
    if (!key) return tl::unexpected(key.error());
    return attribute(*of, *key);
  }

  Result<std::vector<Value>> arguments(const Expression& node) const {
    std::vector<Value> result;
    for (const auto& argument : node.arguments) {
      auto found = value(*argument);
      if (!found) return tl::unexpected(found.error());
      result.push_back(std::move(*found));
    }
    return result;
  }

  Result<Value> call(const Expression& node) const {
    auto function = value(*node.left);
    if (!function) return function;
    if (function->kind == Value::Kind::undefined) return unknown(function->text);
    if (function->kind != Value::Kind::object)
      return fail(ErrorKind::usage, "a value is called as if it were a function");
    auto given = arguments(node);
    if (!given) return tl::unexpected(given.error());
    const std::string& name = function->text;
    if (name.starts_with("datetime.")) return method(name.substr(9), function->moment, *given, node);
    if (name == "macros.timedelta") return duration(*given, node);
    if (name == "macros.ds_add" && given->size() == 2) return ds_add(*given);
    if (name == "macros.ds_format" && given->size() == 3) return ds_format(*given);
    if (name.ends_with(".get") && !given->empty() && given->size() <= 2) return get(*function, *given);
    return fail(ErrorKind::usage, "`" + name + "` cannot be called with these arguments");
  }

  Result<Value> get(const Value& function, const std::vector<Value>& given) const {
    auto name = text(given[0]);
    if (!name) return tl::unexpected(name.error());
    const auto& entries = function.text == "var.value.get" ? context_.variables : context_.params;
    Value found = entry(entries, *name, *name);
    if (found.kind == Value::Kind::undefined && given.size() == 2) return given[1];
    return found;
  }

  Result<Value> method(const std::string& name, Moment moment, const std::vector<Value>& given,
                       const Expression& node) const {
    if (name == "strftime" && given.size() == 1 && given[0].kind == Value::Kind::text) {
      return formatted(moment, given[0].text);
    }
    if (name == "add" || name == "subtract") {
      auto shift = duration(given, node);
      if (!shift) return shift;
      return of_moment(moment + seconds(name == "add" ? shift->number : -shift->number));
    }
    if (!given.empty()) return fail(ErrorKind::usage, "`" + name + "` cannot be called with these arguments");
    if (name == "isoformat") return formatted(moment, "%Y-%m-%dT%H:%M:%S+00:00");
    if (name == "to_datetime_string") return formatted(moment, "%Y-%m-%d %H:%M:%S");
    return formatted(moment, "%Y-%m-%d");
  }

  // timedelta(days=1, hours=2), and the same of add and subtract.
  Result<Value> duration(const std::vector<Value>& given, const Expression& node) const {
    std::int64_t total = 0;
    const auto put = [&total](const Value& amount, std::int64_t unit) -> Status {
      if (amount.kind != Value::Kind::integer || amount.number > longest_shift / unit ||
          amount.number < -longest_shift / unit) {
        return fail(ErrorKind::usage, "a time difference needs whole numbers of at most 400 years");
      }
      total += amount.number * unit;
      return {};
    };
    if (given.size() > 1) return fail(ErrorKind::usage, "name the parts of a time difference: days=1, hours=2");
    if (!given.empty()) {
      if (auto done = put(given[0], 86400); !done) return tl::unexpected(done.error());
    }
    for (const auto& [name, part] : node.named) {
      const std::int64_t unit = unit_of(name);
      if (unit == 0) return unknown(name);
      auto amount = value(*part);
      if (!amount) return amount;
      if (auto done = put(*amount, unit); !done) return tl::unexpected(done.error());
    }
    return of_duration(total);
  }

  static std::int64_t unit_of(std::string_view name) {
    if (name == "weeks") return std::int64_t{7} * 86400;
    if (name == "days") return 86400;
    if (name == "hours") return 3600;
    if (name == "minutes") return 60;
    return name == "seconds" ? 1 : 0;
  }

  Result<Value> ds_add(const std::vector<Value>& given) const {
    auto from = text(given[0]).and_then([](const std::string& day) { return parse_moment(day, "%Y-%m-%d"); });
    if (!from) return tl::unexpected(from.error());
    if (given[1].kind != Value::Kind::integer || std::abs(given[1].number) > longest_shift / 86400) {
      return fail(ErrorKind::usage, "`macros.ds_add` needs a whole number of days");
    }
    return formatted(*from + days(given[1].number), "%Y-%m-%d");
  }

  Result<Value> ds_format(const std::vector<Value>& given) const {
    auto day = text(given[0]);
    auto read = text(given[1]);
    auto write = text(given[2]);
    for (const auto* part : {&day, &read, &write}) {
      if (!*part) return tl::unexpected(part->error());
    }
    auto moment = parse_moment(*day, *read);
    if (!moment) return tl::unexpected(moment.error());
    return formatted(*moment, *write);
  }

  Result<Value> filter(const Expression& node) const {
    auto of = value(*node.left);
    auto given = arguments(node);
    if (!given) return tl::unexpected(given.error());
    if (node.name == "default" || node.name == "d") {
      if (!of) return of;
      if (of->kind != Value::Kind::undefined) return of;
      return given->empty() ? of_text("") : (*given)[0];
    }
    if (!of) return of;
    if (const auto format = format_of(node.name)) {
      if (of->kind != Value::Kind::moment) {
        return fail(ErrorKind::usage, "the filter `" + node.name + "` needs a date such as logical_date");
      }
      return formatted(of->moment, *format);
    }
    auto input = text(*of);
    if (!input) return tl::unexpected(input.error());
    return text_filter(node.name, std::move(*input), *given);
  }

  Result<Value> text_filter(const std::string& name, std::string input, const std::vector<Value>& given) const {
    const auto convert = [&input](int (*change)(int)) {
      std::transform(input.begin(), input.end(), input.begin(),
                     [change](unsigned char byte) { return static_cast<char>(change(byte)); });
    };
    if (name == "upper") {
      convert(std::toupper);
    } else if (name == "lower") {
      convert(std::tolower);
    } else if (name == "trim") {
      constexpr std::string_view blank = " \t\r\n";
      const std::size_t begin = input.find_first_not_of(blank);
      input = begin == std::string::npos ? "" : input.substr(begin, input.find_last_not_of(blank) - begin + 1);
    } else if (name == "replace" && given.size() == 2) {
      return replaced(input, given);
    } else if (name != "string") {
      return fail(ErrorKind::usage, "the filter `" + name + "` is not known",
                  "known are ds, ds_nodash, ts, ts_nodash, ts_nodash_with_tz, default, upper, lower, trim, replace");
    }
    return of_text(std::move(input));
  }

  Result<Value> replaced(const std::string& input, const std::vector<Value>& given) const {
    auto from = text(given[0]);
    auto to = text(given[1]);
    if (!from) return tl::unexpected(from.error());
    if (!to) return tl::unexpected(to.error());
    if (from->empty()) return fail(ErrorKind::usage, "`replace` needs a text to replace");
    std::string result;
    std::size_t done = 0;
    for (std::size_t at = input.find(*from); at != std::string::npos; at = input.find(*from, done)) {
      result.append(input, done, at - done).append(*to);
      done = at + from->size();
    }
    return of_text(result.append(input, done));
  }

  Result<Value> sum(const Expression& node) const {
    auto left = value(*node.left);
    if (!left) return left;
    auto right = value(*node.right);
    if (!right) return right;
    for (const Value* side : {&*left, &*right}) {
      if (side->kind == Value::Kind::undefined) return unknown(side->text);
    }
    const bool add = node.kind == Expression::Kind::add;
    if (left->kind == Value::Kind::moment && right->kind == Value::Kind::duration) {
      return of_moment(left->moment + seconds(add ? right->number : -right->number));
    }
    if (left->kind == Value::Kind::integer && right->kind == Value::Kind::integer) {
      std::int64_t result = 0;
      const bool overflow = add ? __builtin_add_overflow(left->number, right->number, &result)
                                : __builtin_sub_overflow(left->number, right->number, &result);
      if (overflow) return fail(ErrorKind::usage, "the number is too large");
      return of_integer(result);
    }
    if (add && left->kind == Value::Kind::text && right->kind == Value::Kind::text) {
      return of_text(left->text + right->text);
    }
    return fail(ErrorKind::usage, "these two cannot be added or subtracted", "join texts with ~");
  }

  Result<Value> concatenate(const Expression& node) const {
    auto left = value(*node.left).and_then([&](const Value& found) { return text(found); });
    if (!left) return tl::unexpected(left.error());
    auto right = value(*node.right).and_then([&](const Value& found) { return text(found); });
    if (!right) return tl::unexpected(right.error());
    return of_text(*left + *right);
  }

  const MacroContext& context_;
};

}  // namespace

Result<std::string> evaluate(const Expression& expression, const MacroContext& context) {
  const Evaluator evaluator(context);
  return evaluator.value(expression).and_then([&](const Value& value) { return evaluator.text(value); });
}

}  // namespace liminal::engine::macros
