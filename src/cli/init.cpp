#include <array>

#include <fmt/format.h>

#include "liminal/base/shell_word.hpp"

#include "command.hpp"
#include "usage_error.hpp"

namespace liminal::cli {

// The files of examples/quick-start.
extern const std::string_view quick_start_yaml;
extern const std::string_view quick_start_count;
extern const std::string_view quick_start_report;

namespace {

struct NewFile {
  const char* path;
  const std::string_view* content;
};
constexpr std::array<NewFile, 3> new_files{{{"liminal.yml", &quick_start_yaml},
                                            {"source/count.py", &quick_start_count},
                                            {"source/report.py", &quick_start_report}}};

class InitCommand final : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "init"; }
  [[nodiscard]] std::string summary() const override { return "Write a small working pipeline to begin with"; }
  void declare(CLI::App& app) override {
    app.add_option("DIR", folder_, "Where (default: this folder); files that are there are never written over");
  }

  [[nodiscard]] int run(Session& session) override {
    FileSystem& files = session.world().files;
    const std::filesystem::path folder = session.absolute(folder_);
    for (const NewFile& file : new_files) {
      if (files.info(folder / file.path)) {
        return session.end(Error{ErrorKind::usage,
                                 fmt::format("{} is there already", (folder / file.path).string()),
                                 "name a new folder: liminal init DIR",
                                 {},
                                 {},
                                 false});
      }
    }
    // Where standard output carries a report, people read the other.
    report::Terminal& told = session.text() ? session.out() : session.err();
    for (const NewFile& file : new_files) {
      if (auto written = files.write(folder / file.path, *file.content); !written) return session.end(written.error());
      told.line(fmt::format("  + {}", (std::filesystem::path(folder_) / file.path).lexically_normal().string()),
                report::Style::added);
    }
    const std::string enter = folder_ == "." ? std::string() : fmt::format("cd {} && ", shell_word(folder_));
    told.line(fmt::format("Next: {}liminal plan", enter));
    return session.text() ? 0 : session.end(session.new_report());
  }

 private:
  std::string folder_ = ".";
};

}  // namespace

std::unique_ptr<Command> make_init() {
  return std::make_unique<InitCommand>();
}

}  // namespace liminal::cli
