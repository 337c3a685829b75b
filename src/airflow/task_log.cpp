// A task's log: Airflow 3 tells it as JSON, an object a line; Airflow 2 as text, as its log files have it.
#include "task_log.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/airflow/client.hpp"
#include "liminal/base/letter_case.hpp"
#include "liminal/base/line_splitter.hpp"

#include "connection.hpp"

namespace liminal::airflow {

namespace {

// Of new lines, in one answer: what is read whole, or told at once.
constexpr std::size_t most_at_once = 32U << 20U;

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
              fmt::format("{}: {}", text_at(exception, "exc_type"), whole_text_at(exception, "exc_value")));
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
    add_lines(lines, text_at(message, "timestamp"), to_lower(text_at(message, "level")), event);
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
  return {std::string(text.substr(1, place - 1)), to_lower(text.substr(name + 2, dash - name - 2)),
          std::string(text.substr(dash + 3))};
}

std::optional<LogLine> TextLog::read(std::string_view line) {
  // Before the first line of the log itself: the host's name, and where the log was found.
  LogLine one = line_of_text(line);
  begun_ = begun_ || !one.time.empty();
  return begun_ ? std::optional(std::move(one)) : std::nullopt;
}

std::vector<LogLine> lines_of_text(std::string_view text) {
  std::vector<LogLine> lines;
  TextLog log;
  LineSplitter split([&](std::string_view line) {
    if (auto one = log.read(line)) lines.push_back(std::move(*one));
  });
  split.feed(text);
  split.finish();
  return lines;
}

namespace {

// Airflow 2 sends the whole log as text every time: what was told is passed over as it comes, and is never held.
class PassingText {
 public:
  explicit PassingText(const LogPlace& from) : from_(from) { begin(); }

  void begin() {
    log_ = {};
    log_.next.lines = from_.lines;
    text_ = {};
    passed_ = 0;
    held_ = 0;
    split_.emplace([this](std::string_view line) { take_line(line); });
  }

  Status take(std::string_view piece) {
    log_.next.bytes += piece.size();
    split_->feed(piece);
    return log_.more ? Status(fail(ErrorKind::failed, "enough was read")) : Status();
  }

  [[nodiscard]] bool is_full() const { return log_.more; }

  TaskLog end() {
    if (!log_.more) split_->finish();
    return std::move(log_);
  }

 private:
  void take_line(std::string_view line) {
    auto one = text_.read(line);
    if (!one || ++passed_ <= from_.lines || log_.more) return;
    held_ += one->text.size();
    log_.lines.push_back(std::move(*one));
    ++log_.next.lines;
    log_.more = held_ >= most_at_once;
  }

  const LogPlace& from_;
  TextLog text_;
  TaskLog log_;
  std::size_t passed_ = 0;
  std::size_t held_ = 0;
  std::optional<LineSplitter> split_;
};

// What Airflow 3 sends after `from`, or of an answer without its token, what is new in it.
TaskLog new_lines(const Json& answer, std::size_t bytes, const LogPlace& from) {
  TaskLog log{lines_of_json(answer), from, false, false};
  log.next.bytes = from.token.empty() ? bytes : from.bytes + bytes;
  if (from.token.empty())
    log.lines.erase(log.lines.begin(),
                    log.lines.begin() + static_cast<std::ptrdiff_t>(std::min(from.lines, log.lines.size())));
  log.next.lines += log.lines.size();
  // A token is no text to be shortened.
  const auto token = answer.find("continuation_token");
  log.next.token = token != answer.end() && token->is_string() ? token->get<std::string>() : std::string();
  return log;
}

}  // namespace

Result<TaskLog> Client::task_log(const std::string& dag, const std::string& run_id, const TaskInstance& task,
                                 unsigned try_number, const LogPlace& from) const {
  const std::string doing = fmt::format("show the log of the task {} of the DAG {}", task.task, dag);
  const bool json = connection_->is_airflow_3();
  // Of Airflow 3, what goes on by the token.
  std::string target = fmt::format("{}/taskInstances/{}/logs/{}?full_content={}", path_of(dag, run_id),
                                   percent_encode(task.task), try_number, !json);
  if (task.map_index >= 0) target += fmt::format("&map_index={}", task.map_index);
  if (!from.token.empty()) target += "&token=" + percent_encode(from.token);
  PassingText text(from);
  std::string body;
  bool too_large = false;
  const auto take_json = [&](std::string_view piece) -> Status {
    too_large = body.size() + piece.size() > most_at_once;
    if (too_large) return fail(ErrorKind::failed, "what is new of the log is too large");
    body += piece;
    return {};
  };
  auto response = json ? connection_->get_in_pieces(target, "application/json", {[&] { body.clear(); }, take_json})
                       : connection_->get_in_pieces(
                             target, "text/plain",
                             {[&] { text.begin(); }, [&](std::string_view piece) { return text.take(piece); }});
  if (too_large) return TaskLog{{}, from, false, true};
  if (text.is_full()) return text.end();
  if (!response) return tl::unexpected(std::move(response.error()).wrap(fmt::format("Airflow could not {}", doing)));
  if (response->status == 404) return TaskLog{{}, from, false, false};  // the attempt has not begun
  // Another of its servers does not know the token: the whole, once more.
  if (response->status == 400 && !from.token.empty())
    return task_log(dag, run_id, task, try_number, {from.lines, "", from.bytes});
  if (response->status != 200) return tl::unexpected(connection_->refusal(doing, *response));
  if (!json) return text.end();
  response->body = std::move(body);
  const auto answer = connection_->read(doing, *response);
  if (!answer) return tl::unexpected(answer.error());
  return new_lines(*answer, response->body.size(), from);
}

}  // namespace liminal::airflow
