#include "liminal/base/process_table.hpp"

#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>

#include <dirent.h>

namespace liminal {

namespace {

std::string proc(int id, std::string_view file) {
  return "/proc/" + std::to_string(id) + "/" + std::string(file);
}

// Files below /proc have no size; this one is read to its end, but not further than `limit`.
std::string read_some(const std::string& path, std::size_t limit) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 16384> buffer{};
  while (text.size() < limit && file) {
    file.read(buffer.data(), buffer.size());
    text.append(buffer.data(), static_cast<std::size_t>(file.gcount()));
  }
  return text;
}

// Whether one of the texts that end in NUL is `wanted`.
bool holds(int id, std::string_view file, std::string_view wanted) {
  constexpr std::size_t limit = 4U << 20U;
  const std::string text = std::string(1, '\0') + read_some(proc(id, file), limit);
  std::string whole(1, '\0');
  whole.append(wanted).push_back('\0');
  return !wanted.empty() && text.find(whole) != std::string::npos;
}

}  // namespace

std::optional<ListedProcess> running_process(int id) {
  const std::string text = read_some(proc(id, "stat"), 8192);
  // The name stands in parentheses and may hold any of them, and spaces.
  const auto after_name = text.rfind(')');
  if (after_name == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(after_name + 1));
  std::string state;
  ListedProcess process{id, 0, 0, 0};
  int group = 0;
  fields >> state >> process.parent >> group >> process.session;
  constexpr int between = 15;  // fields from the session's to the start's
  std::string skipped;
  for (int i = 0; i < between; ++i) fields >> skipped;
  fields >> process.started;
  if (!fields || state == "Z" || state == "X") return std::nullopt;
  return process;
}

std::vector<ListedProcess> running_processes() {
  std::vector<ListedProcess> found;
  DIR* stream = ::opendir("/proc");
  if (stream == nullptr) return found;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string_view name(entry->d_name);
    int id = 0;
    const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (code != std::errc() || end != name.data() + name.size()) continue;
    if (auto process = running_process(id)) found.push_back(*process);
  }
  ::closedir(stream);
  return found;
}

bool has_in_environment(int id, std::string_view mark) {
  return holds(id, "environ", mark);
}

bool has_argument(int id, std::string_view argument) {
  return holds(id, "cmdline", argument);
}

std::filesystem::path working_folder_of(int id) {
  std::error_code code;
  auto folder = std::filesystem::read_symlink(proc(id, "cwd"), code);
  return code ? std::filesystem::path() : folder;
}

std::string boot_id() {
  std::string text = read_some("/proc/sys/kernel/random/boot_id", 64);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace liminal
