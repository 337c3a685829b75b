// The output of the local Airflow: its last lines, and what comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "liminal/airflow/local_airflow.hpp"
#include "liminal/base/line_splitter.hpp"

namespace liminal::airflow {

class LogFile {
 public:
  // `secret` is covered wherever it stands; empty: nothing.
  LogFile(std::filesystem::path path, std::string secret, OnLine on_line);

  // Tells the last `count` lines that are there, and goes to the end.
  Status tell_last(std::size_t count);
  // Tells what stands behind so many bytes.
  Status tell_from(std::uint64_t offset);
  // Tells what came since. A file that began anew is told from its beginning.
  Status tell_new();
  [[nodiscard]] std::uint64_t told() const { return offset_; }
  // A last line without its end.
  void finish() { lines_.finish(); }

 private:
  std::filesystem::path path_;
  std::string secret_;
  OnLine on_line_;
  LineSplitter lines_;
  std::uint64_t offset_ = 0;
};

}  // namespace liminal::airflow
