#include <array>

#include <unistd.h>

#include "liminal/base/checkout.hpp"
#include "liminal/deploy/cluster.hpp"

namespace liminal::deploy {

namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t git_file_limit = 8U << 20;

std::string first_line(std::string text) {
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  return text;
}

bool is_object_name(const std::string& text) {
  return (text.size() == 40 || text.size() == 64) && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// The commit of HEAD, read from the files of .git: git itself would run what the repository's configuration says.
std::string head_commit(const FileSystem& files, const fs::path& git) {
  const auto head = files.read(git / "HEAD", git_file_limit);
  if (!head) return {};
  std::string line = first_line(*head);
  if (is_object_name(line)) return line;
  if (!line.starts_with("ref: refs/") || line.find("..") != std::string::npos) return {};
  const std::string reference = line.substr(5);
  if (const auto loose = files.read(git / reference, git_file_limit); loose && is_object_name(first_line(*loose)))
    return first_line(*loose);
  const auto packed = files.read(git / "packed-refs", git_file_limit);
  if (!packed) return {};
  const auto at = packed->find(" " + reference + "\n");
  if (at == std::string::npos || at < 40) return {};
  const std::size_t begin = packed->rfind('\n', at) == std::string::npos ? 0 : packed->rfind('\n', at) + 1;
  const std::string name = packed->substr(begin, at - begin);
  return is_object_name(name) ? name : std::string();
}

std::string first_of(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (auto value = environment.get(name); value && !value->empty()) return *value;
  }
  return {};
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

}  // namespace

Author find_author(const World& world, const fs::path& folder) {
  const Environment& environment = world.environment;
  Author author;
  author.who = first_of(environment, {"GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_USER_ID", "USER", "LOGNAME"});
  if (author.who.empty()) author.who = "uid " + std::to_string(getuid());
  author.host = host_name();
  author.commit = first_of(environment, {"GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT"});
  author.run = first_of(environment, {"CI_JOB_URL", "BUILD_URL"});
  const auto server = environment.get("GITHUB_SERVER_URL");
  const auto repository = environment.get("GITHUB_REPOSITORY");
  const auto run = environment.get("GITHUB_RUN_ID");
  if (author.run.empty() && server && repository && run)
    author.run = *server + "/" + *repository + "/actions/runs/" + *run;
  if (author.commit.empty()) {
    if (const auto checkout = find_checkout(world.files, folder))
      author.commit = head_commit(world.files, *checkout / ".git");
  }
  return author;
}

}  // namespace liminal::deploy
