#include "git_folder.hpp"

#include <algorithm>
#include <string_view>

namespace liminal::deploy {

namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t file_limit = 8U << 20;

std::string first_line(std::string text) {
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  return text;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// The path that a file of one line names, seen from a folder; that folder where there is no such file.
fs::path led_to(const FileSystem& files, const fs::path& file, std::string_view prefix, const fs::path& folder) {
  const auto text = files.read(file, file_limit);
  if (!text || !text->starts_with(prefix)) return folder;
  const std::string line = first_line(*text);
  return folder / trimmed(std::string_view(line).substr(prefix.size()));
}

// HEAD is here, and of a further worktree or a submodule elsewhere.
fs::path git_folder(const FileSystem& files, const fs::path& checkout) {
  const auto info = files.info(checkout / ".git");
  if (!info || info->kind != FileInfo::Kind::regular) return checkout / ".git";
  return led_to(files, checkout / ".git", "gitdir:", checkout);
}

// References and configuration are shared by all worktrees.
fs::path common_folder(const FileSystem& files, const fs::path& git) {
  return led_to(files, git / "commondir", "", git);
}

bool is_object_name(const std::string& text) {
  return (text.size() == 40 || text.size() == 64) && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string packed_reference(const std::string& packed, const std::string& reference) {
  const auto at = packed.find(" " + reference + "\n");
  if (at == std::string::npos || at < 40) return {};
  const std::size_t begin = packed.rfind('\n', at) == std::string::npos ? 0 : packed.rfind('\n', at) + 1;
  std::string name = packed.substr(begin, at - begin);
  return is_object_name(name) ? name : std::string();
}

// A value of git's configuration: quotes and escapes, and no comment.
std::string unquoted(std::string_view text) {
  std::string value;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '\\' && i + 1 < text.size()) {
      value += text[++i];
    } else if (!quoted && (c == '#' || c == ';')) {
      break;
    } else {
      value += c;
    }
  }
  return std::string(trimmed(value));
}

}  // namespace

std::string head_commit(const FileSystem& files, const fs::path& checkout) {
  const fs::path git = git_folder(files, checkout);
  const auto head = files.read(git / "HEAD", file_limit);
  if (!head) return {};
  std::string line = first_line(*head);
  if (is_object_name(line)) return line;
  if (!line.starts_with("ref: refs/") || line.find("..") != std::string::npos) return {};
  const std::string reference = line.substr(5);
  const fs::path common = common_folder(files, git);
  for (const fs::path& folder : {git, common}) {
    if (const auto loose = files.read(folder / reference, file_limit); loose && is_object_name(first_line(*loose)))
      return first_line(*loose);
  }
  const auto packed = files.read(common / "packed-refs", file_limit);
  return packed ? packed_reference(*packed, reference) : std::string();
}

std::string origin_url(const FileSystem& files, const fs::path& checkout) {
  const auto text = files.read(common_folder(files, git_folder(files, checkout)) / "config", file_limit);
  if (!text) return {};
  std::string url;
  bool in_origin = false;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with('[')) {
      in_origin = line.starts_with("[remote \"origin\"]");
    } else if (in_origin) {
      const auto sign = line.find('=');
      if (sign != std::string_view::npos && trimmed(line.substr(0, sign)) == "url")
        url = unquoted(line.substr(sign + 1));
    }
  }
  return url;
}

}  // namespace liminal::deploy
