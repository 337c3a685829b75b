#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "liminal/report/text.hpp"

#include "tally.hpp"

namespace liminal::report {

namespace {

constexpr std::size_t most_live_lines = 12;

Style style_of_item(std::string_view item) {
  constexpr unsigned styles = 6;
  // FNV-1a: the same item has the same colour in every run.
  std::uint32_t hash = 2166136261U;
  for (const char c : item) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return static_cast<Style>(static_cast<unsigned>(Style::item1) + hash % styles);
}

std::string_view verb_of(Progress::Outcome outcome) {
  switch (outcome) {
    case Progress::Outcome::done:
      return "done";
    case Progress::Outcome::unchanged:
      return "unchanged";
    case Progress::Outcome::skipped:
      return "skipped";
    case Progress::Outcome::interrupted:
      return "interrupted";
    case Progress::Outcome::failed:
      break;
  }
  return "failed";
}

Style style_of(Progress::Outcome outcome) {
  if (outcome == Progress::Outcome::failed) return Style::error;
  return outcome == Progress::Outcome::done ? Style::good : Style::dim;
}

class TerminalProgress final : public Progress {
 public:
  TerminalProgress(Terminal& terminal, bool quiet)
      : terminal_(terminal), quiet_(quiet), redraws_(terminal.options().interactive && !quiet) {}
  ~TerminalProgress() override { terminal_.set_live_lines({}); }
  TerminalProgress(const TerminalProgress&) = delete;
  TerminalProgress& operator=(const TerminalProgress&) = delete;

  void started(std::string_view item, std::string_view doing) override { show(item, doing); }
  void step(std::string_view item, std::string_view doing) override { show(item, doing); }

  void output(std::string_view item, std::string_view line) override {
    if (quiet_) return;
    const std::lock_guard lock(mutex_);
    std::vector<Line> lines;
    // One prefix a line, so that no part of an output passes for another item's or for liminal's own.
    do {
      const std::size_t end = std::min(line.find('\n'), line.size());
      lines.push_back({{fmt::format("{} | ", item), style_of_item(item)}, {std::string(line.substr(0, end))}});
      line.remove_prefix(std::min(end + 1, line.size()));
    } while (!line.empty());
    terminal_.lines(lines);
  }

  void finished(std::string_view item, Outcome outcome, std::string_view summary,
                std::chrono::milliseconds took) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(running_, [&](const Running& one) { return one.item == item; });
    draw();
    if (!quiet_ || outcome == Outcome::failed) {
      Line line{{fmt::format("{}: ", item), style_of_item(item)}, {std::string(verb_of(outcome)), style_of(outcome)}};
      if (!summary.empty()) line.push_back({fmt::format("  {}", summary)});
      if (outcome != Outcome::skipped && took.count() > 0)
        line.push_back({fmt::format("  {}", duration_text(took)), Style::dim});
      terminal_.lines(std::span(&line, 1));
    }
  }

 private:
  struct Running {
    std::string item;
    std::string doing;
  };

  void show(std::string_view item, std::string_view doing) {
    if (quiet_) return;
    const std::lock_guard lock(mutex_);
    const auto known =
        std::find_if(running_.begin(), running_.end(), [&](const auto& one) { return one.item == item; });
    if (known == running_.end()) {
      running_.push_back({std::string(item), std::string(doing)});
    } else if (known->doing == doing) {
      return;
    } else {
      known->doing = doing;
    }
    if (redraws_) {
      draw();
    } else {
      const Line line{{fmt::format("{}: ", item), style_of_item(item)}, {std::string(doing)}};
      terminal_.lines(std::span(&line, 1));
    }
  }

  void draw() {
    if (!redraws_) return;
    std::vector<Line> lines;
    for (const Running& one : running_) {
      if (lines.size() == most_live_lines) {
        lines.push_back({{fmt::format("and {} more", running_.size() - most_live_lines), Style::dim}});
        break;
      }
      lines.push_back({{fmt::format("{}: ", one.item), style_of_item(one.item)}, {one.doing, Style::dim}});
    }
    terminal_.set_live_lines(std::move(lines));
  }

  Terminal& terminal_;
  bool quiet_;
  bool redraws_;
  std::mutex mutex_;
  std::vector<Running> running_;
};

}  // namespace

std::unique_ptr<Progress> make_terminal_progress(Terminal& terminal, bool quiet) {
  return std::make_unique<TerminalProgress>(terminal, quiet);
}

}  // namespace liminal::report
