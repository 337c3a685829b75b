// Both shapes of a task's log.
#include "../../src/airflow/task_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace liminal::airflow {
namespace {

TEST(TaskLogText, BeginsWhereTheTaskDoes) {
  const auto lines = lines_of_text(
      "host.example\n*** Found local files:\n***   * /logs/attempt=1.log\n"
      "[2026-11-25T02:00:00.123+0000] {subprocess.py:106} INFO - hello - world\n"
      "[2026-11-25T02:00:01.123+0000] {taskinstance.py:3336} ERROR - Task failed\nTraceback:\n  File \"x\"\n");
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].time, "2026-11-25T02:00:00.123+0000");
  EXPECT_EQ(lines[0].level, "info");
  EXPECT_EQ(lines[0].text, "hello - world");
  EXPECT_EQ(lines[1].level, "error");
  EXPECT_EQ(lines[2].text, "Traceback:");
}

TEST(TaskLogText, KeepsWhatOnlyLooksLikeALine) {
  for (const char* text : {"[2", "[2026] {", "[2026] {x} ", "] {} - ", "[2026-11-25] {a.py:1} INFO", ""})
    EXPECT_EQ(line_of_text(text).text, text);
}

TEST(TaskLogJson, TellsAnExceptionWithItsFrames) {
  const auto lines = lines_of_json(Json::parse(R"({"content":[{"event":"Task failed","level":"error","error_detail":[
      {"exc_type":"ValueError","exc_value":"no","frames":[{"filename":"d.py","lineno":3,"name":"f"}]}]}]})"));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1].text, "  d.py:3 in f");
  EXPECT_EQ(lines[2].text, "ValueError: no");
}

TEST(TaskLogJson, TakesWhatItCannotReadForNothing) {
  for (const char* text : {"{}", R"({"content":7})", R"({"content":[7,null,{}]})"})
    EXPECT_TRUE(lines_of_json(Json::parse(text)).empty()) << text;
  EXPECT_EQ(lines_of_json(Json::parse(R"({"content":["a","b\nc"]})")).size(), 3U);
  EXPECT_EQ(lines_of_json(Json::parse(R"({"content":[{"event":{"a":1}}]})"))[0].text, "{\"a\":1}");
}

}  // namespace
}  // namespace liminal::airflow
