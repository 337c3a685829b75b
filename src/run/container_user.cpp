#include "container_user.hpp"

#include <charconv>
#include <optional>
#include <vector>

namespace liminal::run {
namespace {

constexpr std::uint64_t largest_file = 1U << 20U;

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields;
  while (true) {
    const auto colon = line.find(':');
    fields.emplace_back(line.substr(0, colon));
    if (colon == std::string_view::npos) return fields;
    line.remove_prefix(colon + 1);
  }
}

// The line of an account file (passwd(5), group(5)) whose name or number is `wanted`; empty when there is none.
std::vector<std::string> find_line(const World& world, const std::filesystem::path& root, const char* file,
                                   const std::string& wanted) {
  const auto path = world.files.resolve_beneath(root, file);
  if (!path) return {};
  const auto text = world.files.read(*path, largest_file);
  if (!text) return {};
  std::string_view rest = *text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    std::vector<std::string> fields = fields_of(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (fields.size() >= 3 && (fields[0] == wanted || fields[2] == wanted)) return fields;
  }
  return {};
}

}  // namespace

Result<ContainerUser> find_user(const World& world, const std::string& text, const std::filesystem::path& root) {
  ContainerUser result;
  if (text.empty()) return result;
  const auto colon = text.find(':');
  const std::string name = text.substr(0, colon);
  const auto unknown = [&](const std::string& what) {
    return fail(ErrorKind::failed, "the image runs as `" + text + "`, and its files tell no " + what + " of that name",
                "name the user by its number in the image");
  };
  const std::vector<std::string> account = find_line(world, root, "etc/passwd", name);
  const auto user = account.empty() ? number(name) : number(account[2]);
  if (!user) return unknown("user");
  result.user = *user;
  result.home = "/";
  if (account.size() >= 6) {
    result.group = number(account[3]).value_or(0);
    result.home = account[5];
  }
  if (colon == std::string::npos) return result;
  const std::string group_name = text.substr(colon + 1);
  const std::vector<std::string> group = find_line(world, root, "etc/group", group_name);
  const auto id = group.empty() ? number(group_name) : number(group[2]);
  if (!id) return unknown("group");
  result.group = *id;
  return result;
}

}  // namespace liminal::run
