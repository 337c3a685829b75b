// A task's log: Airflow 3 tells it as JSON, an object a line; Airflow 2 as text, as its log files have it.
#include "task_log.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "liminal/airflow/client.hpp"
#include "liminal/base/line_splitter.hpp"

#include "connection.hpp"

namespace liminal::airflow {

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What Airflow says about where it found the log, in front of it; it changes between two looks at one log.
bool is_preamble(std::string_view text) {
  return text.starts_with("::group::Log message source details") || text.starts_with("*** ");
}

// A text of several lines as that many: only the first has the time.
void add_lines(std::vector<LogLine>& lines, std::string time, std::string level, std::string_view text) {
  bool first = true;
  LineSplitter split([&](std::string_view line) {
    lines.push_back({first ? time : "", level, std::string(line)});
    first = false;
  });
  split.feed(text);
  split.finish();
  if (first) lines.push_back({std::move(time), std::move(level), ""});
}

// The frames of an exception that a task ended with.
void add_exceptions(std::vector<LogLine>& lines, const Json& message) {
  for (const Json& exception : list_at(message, "error_detail")) {
    for (const Json& frame : list_at(exception, "frames")) {
      const auto line = frame.find("lineno");
      lines.push_back({"", "error",
                       fmt::format("  {}:{} in {}", text_at(frame, "filename"),
                                   line != frame.end() && line->is_number_integer() ? line->get<long>() : 0,
                                   text_at(frame, "name"))});
    }
    add_lines(lines, "", "error",
              fmt::format("{}: {}", text_at(exception, "exc_type"), text_at(exception, "exc_value")));
  }
}

}  // namespace

std::vector<LogLine> lines_of_json(const Json& answer) {
  std::vector<LogLine> lines;
  const auto content = answer.find("content");
  if (content == answer.end() || !content->is_array()) return lines;
  bool preamble = false;
  for (const Json& message : *content) {
    if (message.is_string()) {
      add_lines(lines, "", "", message.get<std::string>());
      continue;
    }
    if (!message.is_object() || !message.contains("event")) continue;
    const std::string event = text_of(message["event"]);
    preamble = preamble || is_preamble(event);
    if (preamble) {
      preamble = event != "::endgroup::";
      continue;
    }
    add_lines(lines, text_at(message, "timestamp"), lower(text_at(message, "level")), event);
    add_exceptions(lines, message);
  }
  return lines;
}

LogLine line_of_text(std::string_view text) {
  // [2026-11-25T02:00:00.000+0000] {file.py:123} INFO - message
  constexpr std::string_view middle = "] {";
  const auto place = text.find(middle);
  const auto name = text.find("} ", place == std::string_view::npos ? 0 : place);
  const auto dash = text.find(" - ", name == std::string_view::npos ? 0 : name);
  const bool known = text.starts_with("[2") && place != std::string_view::npos && place < 40 &&
                     name != std::string_view::npos && dash != std::string_view::npos && dash - name < 16;
  if (!known) return {"", "", std::string(text)};
  return {std::string(text.substr(1, place - 1)), lower(text.substr(name + 2, dash - name - 2)),
          std::string(text.substr(dash + 3))};
}

std::vector<LogLine> lines_of_text(std::string_view text) {
  std::vector<LogLine> lines;
  bool begun = false;
  LineSplitter split([&](std::string_view line) {
    // Before the first line of the log itself: the host's name, and where the log was found.
    LogLine one = line_of_text(line);
    begun = begun || !one.time.empty();
    if (begun) lines.push_back(std::move(one));
  });
  split.feed(text);
  split.finish();
  return lines;
}

Result<TaskLog> Client::task_log(const std::string& dag, const std::string& run_id, const TaskInstance& task,
                                 unsigned try_number, std::size_t from) const {
  const std::string doing = fmt::format("show the log of the task {} of the DAG {}", task.task, dag);
  std::string target = fmt::format("{}/taskInstances/{}/logs/{}?full_content=true", path_of(dag, run_id),
                                   percent_encode(task.task), try_number);
  if (task.map_index >= 0) target += fmt::format("&map_index={}", task.map_index);
  const bool json = connection_->is_airflow_3();
  auto response =
      connection_->send("GET", target, nullptr, Connection::Repeat::safe, json ? "application/json" : "text/plain");
  if (!response) return tl::unexpected(std::move(response.error()).wrap(fmt::format("Airflow could not {}", doing)));
  if (response->status == 404) return TaskLog{{}, from};  // the attempt has not begun
  if (response->status != 200) return tl::unexpected(connection_->refusal(doing, *response));
  std::vector<LogLine> lines;
  if (json) {
    const auto body = connection_->read(doing, *response);
    if (!body) return tl::unexpected(body.error());
    lines = lines_of_json(*body);
  } else {
    lines = lines_of_text(response->body);
  }
  TaskLog log{{}, std::max(from, lines.size())};
  if (from < lines.size())
    log.lines.assign(std::make_move_iterator(lines.begin() + static_cast<std::ptrdiff_t>(from)),
                     std::make_move_iterator(lines.end()));
  return log;
}

}  // namespace liminal::airflow
