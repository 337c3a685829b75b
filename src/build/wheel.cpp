#include "wheel.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/base/sha256.hpp"

namespace liminal::build {

namespace {

constexpr std::uint64_t largest_text = 64ULL << 20U;

tl::unexpected<Error> refuse(const Wheel& wheel, std::string_view why) {
  return fail(ErrorKind::failed, fmt::format("the wheel {} is refused: {}", wheel.name, why));
}

tl::unexpected<Error> not_as_recorded(const Wheel& wheel, std::string_view name) {
  return refuse(wheel, fmt::format("{} is not what its RECORD says", name));
}

bool is_safe(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\\') != std::string_view::npos ||
      path.find('\0') != std::string_view::npos || path.find('\n') != std::string_view::npos) {
    return false;
  }
  for (std::size_t start = 0; start <= path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    // A folder's entry ends in a slash.
    if (part == ".." || part == "." || part.starts_with(".wh.") || (part.empty() && end != path.size())) return false;
    start = end + 1;
  }
  return true;
}

// "sha256=" and URL-safe base64 without padding, as RECORD has it, of a digest in hexadecimal.
std::string record_hash(std::string_view hex) {
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const auto nibble = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  std::string text = "sha256=";
  unsigned value = 0;
  unsigned count = 0;
  for (const char c : hex) {
    value = (value << 4U) | nibble(c);
    count += 4;
    if (count >= 6) {
      count -= 6;
      text += digits[(value >> count) & 63U];
      value &= (1U << count) - 1U;
    }
  }
  if (count > 0) text += digits[(value << (6 - count)) & 63U];
  return text;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::vector<std::string> csv_line(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += line[i];
    }
  }
  return fields;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_dotted_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.") ==
                              std::string_view::npos;
}

// Path of a file under `from`, seen from the folder `base`: what RECORD wants.
std::string relative_to(const std::string& path, const std::string& base) {
  return std::filesystem::path(path).lexically_relative(base).generic_string();
}

class Installer {
 public:
  Installer(const Wheel& wheel, const ZipReader& archive, const PythonEnvironment& python)
      : wheel_(wheel), archive_(archive), python_(python) {}

  Result<std::vector<InstalledFile>> install() {
    if (auto found = find_folders(); !found) return tl::unexpected(found.error());
    for (const ZipEntry& entry : archive_.entries()) {
      if (auto placed = place(entry); !placed) return tl::unexpected(placed.error());
    }
    if (auto added = add_entry_points(); !added) return tl::unexpected(added.error());
    add_text(python_.site_packages + "/" + dist_info_ + "/INSTALLER", 0644, "liminal\n");
    if (auto written = write_record(); !written) return tl::unexpected(written.error());
    return std::move(files_);
  }

 private:
  Status find_folders() {
    for (const ZipEntry& entry : archive_.entries()) {
      if (!is_safe(entry.name)) return refuse(wheel_, fmt::format("it holds the path `{}`", entry.name));
      const auto slash = entry.name.find('/');
      const std::string top = entry.name.substr(0, slash);
      if (!top.ends_with(".dist-info") || slash == std::string::npos) continue;
      if (!dist_info_.empty() && dist_info_ != top) return refuse(wheel_, "it holds two .dist-info folders");
      dist_info_ = top;
    }
    if (dist_info_.empty()) return refuse(wheel_, "it holds no .dist-info folder");
    const std::string_view name = std::string_view(wheel_.name).substr(0, wheel_.name.find('-'));
    const std::string_view folder = std::string_view(dist_info_).substr(0, dist_info_.find('-'));
    if (normalised_name(folder) != normalised_name(name)) {
      return refuse(wheel_, fmt::format("its metadata is of {}", folder));
    }
    data_ = dist_info_.substr(0, dist_info_.size() - std::string_view(".dist-info").size()) + ".data";
    const auto text = read(dist_info_ + "/WHEEL");
    if (!text) return tl::unexpected(text.error());
    bool version_known = false;
    for (const std::string_view line : lines_of(*text)) {
      version_known = version_known || trimmed(line).starts_with("Wheel-Version: 1.");
    }
    if (!version_known) return refuse(wheel_, "its format is not version 1");
    return read_record();
  }

  Status read_record() {
    const auto text = read(dist_info_ + "/RECORD");
    if (!text) return tl::unexpected(text.error());
    for (const std::string_view line : lines_of(*text)) {
      const auto fields = csv_line(line);
      if (fields.size() >= 2 && fields[1].starts_with("sha256=")) recorded_[fields[0]] = fields[1];
    }
    return {};
  }

  Result<std::string> read(const std::string& name) const {
    for (const ZipEntry& entry : archive_.entries()) {
      if (entry.name == name) return archive_.read(entry, largest_text);
    }
    return refuse(wheel_, fmt::format("it has no {}", name));
  }

  void add_text(std::string path, std::uint32_t mode, std::string content) {
    const auto size = content.size();
    files_.push_back({std::move(path), mode, size, record_hash(sha256_hex(content)), std::move(content), {}, {}});
  }

  Status place(const ZipEntry& entry) {
    if (entry.name.ends_with('/') || entry.name.find("__pycache__/") != std::string::npos) return {};
    // Signatures and the record are of the wheel, not of what is installed.
    for (const char* own : {"/RECORD", "/RECORD.jws", "/RECORD.p7s", "/INSTALLER", "/REQUESTED", "/direct_url.json"}) {
      if (entry.name == dist_info_ + own) return {};
    }
    std::string path = python_.site_packages + "/" + entry.name;
    bool script = false;
    if (entry.name.starts_with(data_ + "/")) {
      const auto target = data_path(entry.name.substr(data_.size() + 1), script);
      if (!target) return tl::unexpected(target.error());
      path = *target;
    }
    // Only what says it is a regular file says anything about its mode.
    constexpr std::uint32_t regular = 0100000;
    const bool executable = (entry.unix_mode & 0170000U) == regular && (entry.unix_mode & 0111U) != 0;
    if (script) return place_script(entry, std::move(path));
    auto hash = hash_of(entry);
    if (!hash) return tl::unexpected(hash.error());
    files_.push_back(
        {std::move(path), executable ? 0755U : 0644U, entry.size, *std::move(hash), {}, &archive_, &entry});
    return {};
  }

  // What RECORD says; only a file that it does not tell of is read for it.
  Result<std::string> hash_of(const ZipEntry& entry) const {
    const auto recorded = recorded_.find(entry.name);
    if (recorded != recorded_.end()) return recorded->second;
    Sha256 content;
    auto read = archive_.extract(entry, [&](std::string_view bytes) -> Status {
      content.update(bytes);
      return {};
    });
    if (!read) return tl::unexpected(read.error());
    return record_hash(content.hex());
  }

  Result<std::string> data_path(const std::string& path, bool& script) const {
    const auto slash = path.find('/');
    const std::string scheme = path.substr(0, slash);
    const std::string rest = slash == std::string::npos ? "" : path.substr(slash + 1);
    if (scheme == "purelib" || scheme == "platlib") return python_.site_packages + "/" + rest;
    if (scheme == "data") return python_.prefix + "/" + rest;
    if (scheme == "headers") {
      return fmt::format("{}/include/python3.{}/{}/{}", python_.prefix, python_.minor,
                         wheel_.name.substr(0, wheel_.name.find('-')), rest);
    }
    if (scheme == "scripts") {
      script = true;
      return python_.scripts + "/" + rest;
    }
    return refuse(wheel_, fmt::format("it holds data for `{}`, which PEP 427 does not know", scheme));
  }

  Status place_script(const ZipEntry& entry, std::string path) {
    auto content = archive_.read(entry, largest_text);
    if (!content) return tl::unexpected(content.error());
    const auto recorded = recorded_.find(entry.name);
    if (recorded != recorded_.end() && recorded->second != record_hash(sha256_hex(*content))) {
      return not_as_recorded(wheel_, entry.name);
    }
    if (content->starts_with("#!python")) {
      const auto end = content->find('\n');
      const std::string rest = end == std::string::npos ? "" : content->substr(end);
      content = "#!" + python_.interpreter + rest;
    }
    add_text(std::move(path), 0755, *std::move(content));
    return {};
  }

  Status add_entry_points() {
    const std::string name = dist_info_ + "/entry_points.txt";
    const bool there = std::any_of(archive_.entries().begin(), archive_.entries().end(),
                                   [&](const ZipEntry& entry) { return entry.name == name; });
    if (!there) return {};
    const auto text = read(name);
    if (!text) return tl::unexpected(text.error());
    bool scripts = false;
    for (const std::string_view raw : lines_of(*text)) {
      const std::string_view line = trimmed(raw);
      if (line.starts_with('[')) {
        scripts = line == "[console_scripts]" || line == "[gui_scripts]";
        continue;
      }
      const auto equals = line.find('=');
      if (!scripts || line.empty() || line.front() == '#' || line.front() == ';' || equals == std::string_view::npos)
        continue;
      if (auto added = add_script(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1))); !added)
        return added;
    }
    return {};
  }

  Status add_script(std::string_view name, std::string_view object) {
    object = trimmed(object.substr(0, object.find('[')));  // extras are of no use here
    const auto colon = object.find(':');
    const std::string_view module = trimmed(object.substr(0, colon));
    const std::string_view function =
        colon == std::string_view::npos ? std::string_view() : trimmed(object.substr(colon + 1));
    if (!is_safe(name) || name.find('/') != std::string_view::npos || !is_dotted_name(module) ||
        !is_dotted_name(function)) {
      return refuse(wheel_, fmt::format("it names the script `{}` in a way that is not understood", name));
    }
    add_text(fmt::format("{}/{}", python_.scripts, name), 0755,
             fmt::format("#!{}\nimport sys\n\nfrom {} import {}\n\nif __name__ == \"__main__\":\n    sys.exit({}())\n",
                         python_.interpreter, module, function.substr(0, function.find('.')), function));
    return {};
  }

  Status write_record() {
    const std::string path = python_.site_packages + "/" + dist_info_ + "/RECORD";
    std::vector<std::string> lines;
    for (const InstalledFile& file : files_) {
      const std::string name = csv_field(relative_to(file.path, python_.site_packages));
      lines.push_back(fmt::format("{},{},{}\n", name, file.hash, file.size));
    }
    lines.push_back(fmt::format("{},,\n", csv_field(relative_to(path, python_.site_packages))));
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines) text += line;
    add_text(path, 0644, std::move(text));
    return {};
  }

  const Wheel& wheel_;
  const ZipReader& archive_;
  const PythonEnvironment& python_;
  std::string dist_info_;
  std::string data_;
  std::map<std::string, std::string> recorded_;
  std::vector<InstalledFile> files_;
};

}  // namespace

Result<std::vector<InstalledFile>> install_wheel(const Wheel& wheel, const ZipReader& archive,
                                                 const PythonEnvironment& python) {
  return Installer(wheel, archive, python).install();
}

Status write_content(const Wheel& wheel, const InstalledFile& file, const ByteSink& sink) {
  if (file.entry == nullptr) return sink(file.content);
  Sha256 content;
  auto read = file.archive->extract(*file.entry, [&](std::string_view bytes) -> Status {
    content.update(bytes);
    return sink(bytes);
  });
  if (!read) return tl::unexpected(std::move(read.error()).wrap(fmt::format("cannot unpack the wheel {}", wheel.name)));
  if (record_hash(content.hex()) != file.hash) return not_as_recorded(wheel, file.entry->name);
  return {};
}

std::string normalised_name(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == '.') {
      if (!text.ends_with('-')) text += '-';
    } else {
      text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return text;
}

}  // namespace liminal::build
