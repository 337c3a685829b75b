// Text that comes in pieces, told line by line. A carriage return alone ends a line too, as progress bars use it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace liminal {

class LineSplitter {
 public:
  // A line longer than 64 KiB is told in parts. Without a function, nothing is told.
  explicit LineSplitter(std::function<void(std::string_view)> on_line) : on_line_(std::move(on_line)) {}

  void feed(std::string_view piece);
  // A last line without its end.
  void finish();

 private:
  void tell();

  std::function<void(std::string_view)> on_line_;
  std::string pending_;
  bool after_return_ = false;
};

}  // namespace liminal
