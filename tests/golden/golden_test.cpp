// The real program over real folders, as its user sees it. Each case is a folder: `session.txt` says what is typed and
// what comes back, `repository` is where it is typed (in a copy). In a session a line that begins with
//   $ liminal ...   is a command, its arguments divided by spaces;
//   two spaces      is a line of standard output;
//   !               is a line of standard error;
//   [N]             is the exit status.
// Run the tests with LIMINAL_UPDATE_GOLDEN=1 to write what comes back now into the sessions; then read the difference.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "liminal/base/process.hpp"

#include "support/temporary_folder.hpp"

namespace liminal {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(LIMINAL_GOLDEN_CASES)) {
    if (fs::exists(entry.path() / "session.txt")) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> words(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), {}};
}

// What differs from run to run and from machine to machine: the folder, how long things took, and what hangs on the
// compressor that was linked.
std::string steady(std::string line, const fs::path& folder) {
  for (std::size_t at = 0; (at = line.find(folder.string(), at)) != std::string::npos;)
    line.replace(at, folder.string().size(), "/repository");
  static const std::regex duration(R"(\b[0-9]+(\.[0-9]+)? (ms|s|min)\b)");
  static const std::regex json_duration(R"(("milliseconds": )[0-9]+)");
  line = std::regex_replace(line, json_duration, "$1N");
  static const std::regex rules(R"(\b[0-9]+ rules\))");
  line = std::regex_replace(line, rules, "N rules)");
  static const std::regex content_key("\\b(wine:)[0-9a-f]{16}\\b");
  static const std::regex digest("\\bsha256:[0-9a-f]{64}\\b");
  line = std::regex_replace(line, duration, "TIME");
  line = std::regex_replace(line, content_key, "$1KEY");
  return std::regex_replace(line, digest, "sha256:DIGEST");
}

class Session {
 public:
  explicit Session(fs::path folder) : folder_(std::move(folder)) {}

  std::string run(const std::string& command) {
    ProcessRequest request;
    request.arguments = words(command);
    request.arguments.front() = LIMINAL_PROGRAM;
    request.directory = folder_.string();
    request.environment = {
        {"PATH", "/usr/bin:/bin"}, {"HOME", (folder_ / "home").string()}, {"LIMINAL_BUILDER", "oci"}};
    request.timeout = std::chrono::minutes(1);
    std::string output;
    std::string errors;
    request.on_output = [&](std::string_view line) { append(output, "  ", line); };
    request.on_error_output = [&](std::string_view line) { append(errors, "! ", line); };
    const auto outcome = NativeProcessRunner("/usr/bin:/bin").run(request);
    if (!outcome) return outcome.error().message;
    return "$ " + command + "\n" + output + errors + "[" + std::to_string(outcome->exit_status) + "]\n";
  }

 private:
  void append(std::string& text, const std::string& mark, std::string_view line) const {
    std::string whole = mark + steady(std::string(line), folder_);
    whole.erase(whole.find_last_not_of(' ') + 1);
    text += whole + "\n";
  }

  fs::path folder_;
};

class Golden : public ::testing::TestWithParam<std::string> {};

TEST_P(Golden, ComesBackAsWritten) {
  const fs::path folder = fs::path(LIMINAL_GOLDEN_CASES) / GetParam();
  const testing::TemporaryFolder copy;
  fs::copy(folder / "repository", copy.path() / "repository",
           fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  const std::string expected = read(folder / "session.txt");
  std::istringstream lines(expected);
  std::string actual;
  Session session(copy.path() / "repository");
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) actual += line + "\n";
    if (line.starts_with("$ liminal")) actual += session.run(line.substr(2));
  }
  if (std::getenv("LIMINAL_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(folder / "session.txt", std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(actual, expected);
}

INSTANTIATE_TEST_SUITE_P(Cases, Golden, ::testing::ValuesIn(cases()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace liminal
