#include <array>

#include <unistd.h>

#include "liminal/base/checkout.hpp"
#include "liminal/deploy/cluster.hpp"

#include "git_folder.hpp"

namespace liminal::deploy {

namespace {

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

Author find_author(const World& world, const std::filesystem::path& folder) {
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
    if (const auto checkout = find_checkout(world.files, folder)) author.commit = head_commit(world.files, *checkout);
  }
  return author;
}

}  // namespace liminal::deploy
