// What of a source folder stays out of an image: the usual leavings of tools, and the folder's own .dockerignore
// (Docker's syntax: later patterns win, `!` takes back, `**` is any number of folders).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/file_system.hpp"

namespace liminal::model {

class IgnoreRules {
 public:
  // `dockerignore`: the text of that file; empty when there is none.
  explicit IgnoreRules(std::string_view dockerignore = {});
  // `path` is relative, with /.
  [[nodiscard]] bool ignores(std::string_view path) const;
  // No pattern takes anything back, so that what is below an ignored folder need not be looked at.
  [[nodiscard]] bool only_excludes() const { return only_excludes_; }

 private:
  struct Rule {
    std::string pattern;
    bool exclude = true;
  };
  std::vector<Rule> rules_;
  bool only_excludes_ = true;
};

// The text of a source folder's .dockerignore; empty when there is none. Errors: usage, it is not a file that can be
// read, or has more than 1 MiB.
[[nodiscard]] Result<std::string> read_dockerignore(const FileSystem& files, const std::filesystem::path& folder);

}  // namespace liminal::model
