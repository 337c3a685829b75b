// Both shapes in which Airflow tells a task's log.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "liminal/airflow/client.hpp"

namespace liminal::airflow {

// {"content": [{"timestamp", "level", "event"}, ...]} of Airflow 3.
[[nodiscard]] std::vector<LogLine> lines_of_json(const Json& answer);
// The text of Airflow 2, line by line.
class TextLog {
 public:
  // Empty: it belongs to what Airflow says in front of the log.
  [[nodiscard]] std::optional<LogLine> read(std::string_view line);

 private:
  bool begun_ = false;
};
[[nodiscard]] std::vector<LogLine> lines_of_text(std::string_view text);
[[nodiscard]] LogLine line_of_text(std::string_view text);

}  // namespace liminal::airflow
