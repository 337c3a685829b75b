#include "base_index.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/gzip.hpp"
#include "liminal/base/tar.hpp"

namespace liminal::build {

namespace {

constexpr std::string_view magic = "liminal-base-index 2";
constexpr std::uint64_t largest_program = 64ULL << 20U;
constexpr std::uint64_t largest_record = 16ULL << 20U;

std::string normalised(std::string_view path) {
  std::string text;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (!text.empty()) text += '/';
    text += part;
  }
  return text;
}

std::string_view file_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// "stable release version 2.36" in glibc's own banner.
int glibc_minor_of(std::string_view library) {
  constexpr std::string_view banner = "release version 2.";
  const auto found = library.find(banner);
  int minor = 0;
  if (found != std::string_view::npos) {
    std::from_chars(library.data() + found + banner.size(), library.data() + library.size(), minor);
  }
  return minor;
}

// python3.N -> N; -1 for any other name.
int minor_of(std::string_view name) {
  constexpr std::string_view start = "python3.";
  if (!name.starts_with(start)) return -1;
  int minor = -1;
  const auto [end, code] = std::from_chars(name.data() + start.size(), name.data() + name.size(), minor);
  return code == std::errc{} && end == name.data() + name.size() ? minor : -1;
}

// libpython3.N.so.1.0 -> N, where the version stands when the interpreter is linked to it.
int minor_of_library(std::string_view name) {
  constexpr std::string_view ending = ".so.1.0";
  if (!name.starts_with("lib") || !name.ends_with(ending)) return -1;
  return minor_of(name.substr(3, name.size() - 3 - ending.size()));
}

// The P of the text 3.N.P that stands alone among a program's constants; -1: there is none.
int python_patch_of(std::string_view program, int minor) {
  const std::string start = fmt::format("{}3.{}.", '\0', minor);
  for (auto found = program.find(start); found != std::string_view::npos; found = program.find(start, found + 1)) {
    int patch = -1;
    const char* begin = program.data() + found + start.size();
    const auto [end, code] = std::from_chars(begin, program.data() + program.size(), patch);
    if (code == std::errc{} && end != program.data() + program.size() && *end == '\0') return patch;
  }
  return -1;
}

// First fields of a RECORD's lines: the files of an installed distribution.
std::string files_of_record(std::string_view record) {
  std::string files;
  while (!record.empty()) {
    const auto end = std::min(record.find('\n'), record.size());
    const std::string_view line = record.substr(0, end);
    record.remove_prefix(std::min(record.size(), end + 1));
    // A name in quotes holds a comma or a quote; nothing of Python's is called so.
    const auto comma = line.find(',');
    if (comma == std::string_view::npos || line.front() == '"') continue;
    files += line.substr(0, comma);
    files += '\n';
  }
  return files;
}

Result<std::string> read_entry(TarReader& archive, std::uint64_t size) {
  std::string content(size, '\0');
  for (std::size_t done = 0; done < content.size();) {
    const auto count = archive.read(content.data() + done, content.size() - done);
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) break;
    done += *count;
  }
  return content;
}

}  // namespace

void BaseIndex::remove_below(const std::string& folder) {
  const std::string prefix = folder.empty() ? "" : folder + "/";
  auto entry = entries_.lower_bound(prefix);
  while (entry != entries_.end() && entry->first.starts_with(prefix)) entry = entries_.erase(entry);
}

void BaseIndex::add(const std::string& path, Entry entry) {
  if (entry.kind != Kind::directory) remove_below(path);
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    entries_.try_emplace(path.substr(0, slash), Entry{Kind::directory, {}});
  }
  entries_[path] = std::move(entry);
}

// What lower layers have at a path and below it; what `placed`, this layer's own entries, has stays.
void BaseIndex::hide(const std::string& path, const std::set<std::string, std::less<>>& placed) {
  if (!placed.contains(path)) entries_.erase(path);
  const std::string prefix = path.empty() ? "" : path + "/";
  auto entry = entries_.lower_bound(prefix);
  while (entry != entries_.end() && entry->first.starts_with(prefix)) {
    entry = placed.contains(entry->first) ? std::next(entry) : entries_.erase(entry);
  }
}

Status BaseIndex::add_layer(const std::filesystem::path& blob) {
  const auto file = FileReader::open(blob);
  if (!file) return tl::unexpected(file.error());
  TarReader archive(decompress(file->source()));
  std::set<std::string, std::less<>> placed;
  for (;;) {
    auto entry = archive.next();
    if (!entry) return tl::unexpected(entry.error());
    if (!*entry) return {};
    std::string path = normalised((*entry)->path);
    if (path.empty()) continue;
    const std::string name(file_name(path));
    const std::string folder = resolve(path.substr(0, path.size() - std::min(path.size(), name.size() + 1)));
    path = folder.empty() ? name : fmt::format("{}/{}", folder, name);
    if (name == ".wh..wh..opq") {
      hide(folder, placed);
      if (!folder.empty()) add(folder, {Kind::directory, {}});
      continue;
    }
    if (name.starts_with(".wh.")) {
      hide(normalised(folder + "/" + name.substr(4)), placed);
      continue;
    }
    for (auto end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1)) {
      placed.insert(path.substr(0, end));
    }
    placed.insert(path);
    if ((*entry)->kind == TarEntry::Kind::directory) {
      add(path, {Kind::directory, {}});
    } else if ((*entry)->kind == TarEntry::Kind::symlink) {
      add(path, {Kind::link, (*entry)->link});
    } else {
      const auto linked =
          (*entry)->kind == TarEntry::Kind::hard_link ? entries_.find(normalised((*entry)->link)) : entries_.end();
      add(path, {Kind::file, linked == entries_.end() ? std::string() : linked->second.target});
      if ((*entry)->kind != TarEntry::Kind::file) continue;
      if (auto looked = look_into(archive, path, (*entry)->size); !looked) return looked;
    }
  }
}

// Some files say more than their names do.
Status BaseIndex::look_into(TarReader& archive, const std::string& path, std::uint64_t size) {
  const std::string_view name = file_name(path);
  if (name.starts_with("ld-musl-")) musl_ = true;
  const bool libc = name == "libc.so.6" || (name.starts_with("libc-2.") && name.ends_with(".so"));
  const int minor = std::max(minor_of(name), minor_of_library(name));
  const bool record = path.ends_with(".dist-info/RECORD");
  if (!libc && minor < 0 && !record) return {};
  if (size > (record ? largest_record : largest_program)) return {};
  const auto content = read_entry(archive, size);
  if (!content) return tl::unexpected(content.error());
  if (libc) glibc_minor_ = std::max(glibc_minor_, glibc_minor_of(*content));
  if (record) entries_[path].target = files_of_record(*content);
  if (minor >= 0) {
    if (const int patch = python_patch_of(*content, minor); patch >= 0) {
      entries_[path].target = fmt::format("3.{}.{}", minor, patch);
    }
  }
  return {};
}

std::string BaseIndex::python_version(int minor) const {
  const std::string program = fmt::format("python3.{}", minor);
  const std::string library = fmt::format("libpython3.{}.so.1.0", minor);
  for (const auto& [path, entry] : entries_) {
    const std::string_view name = file_name(path);
    if (entry.kind == Kind::file && !entry.target.empty() && (name == program || name == library)) return entry.target;
  }
  return {};
}

std::vector<std::string> BaseIndex::record(std::string_view path) const {
  std::vector<std::string> files;
  const auto found = entries_.find(path);
  if (found == entries_.end() || found->second.kind != Kind::file) return files;
  for (std::string_view text = found->second.target; !text.empty();) {
    const auto end = text.find('\n');
    files.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return files;
}

std::string BaseIndex::to_text() const {
  std::string text = fmt::format("{} {} {}", magic, glibc_minor_, musl_ ? 1 : 0);
  text += '\0';
  for (const auto& [path, entry] : entries_) {
    text += static_cast<char>(entry.kind);
    text += path;
    text += '\0';
    text += entry.target;
    text += '\0';
  }
  return text;
}

bool BaseIndex::from_text(std::string_view text) {
  const auto take = [&] {
    const auto end = text.find('\0');
    const std::string_view field = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    return field;
  };
  const std::string_view head = take();
  if (!head.starts_with(magic) || head.size() < magic.size() + 4) return false;
  std::from_chars(head.data() + magic.size() + 1, head.data() + head.size(), glibc_minor_);
  musl_ = head.back() == '1';
  while (!text.empty()) {
    const std::string_view path = take();
    if (path.size() < 2) return false;
    entries_[std::string(path.substr(1))] = {static_cast<Kind>(path.front()), std::string(take())};
  }
  return true;
}

Result<BaseIndex> BaseIndex::of(const World& world, const ImageLayout& layout, const std::string& digest,
                                const ImageManifest& manifest, const std::filesystem::path& cache) {
  BaseIndex index;
  const std::filesystem::path kept = cache / "base-index" / digest.substr(digest.find(':') + 1);
  if (world.files.info(kept)) {
    if (const auto text = world.files.read(kept); text && index.from_text(*text)) return index;
    index = {};
  }
  for (const Descriptor& layer : manifest.layers) {
    const auto blob = layout.blob_path(layer.digest);
    if (!blob) return tl::unexpected(blob.error());
    if (auto added = index.add_layer(*blob); !added) {
      return tl::unexpected(std::move(added.error()).wrap("cannot read a layer of the base image"));
    }
  }
  // Only a cache: without it the layers are read again.
  (void)world.files.write(kept, index.to_text());
  return index;
}

bool BaseIndex::has(std::string_view path) const {
  return entries_.find(resolve(path)) != entries_.end();
}

bool BaseIndex::is_directory(std::string_view path) const {
  const auto found = entries_.find(path);
  return found != entries_.end() && found->second.kind == Kind::directory;
}

std::string BaseIndex::resolve(std::string_view path) const {
  std::vector<std::string> parts;  // still to walk, last first
  const auto push = [&](std::string_view text) {
    std::vector<std::string> some;
    for (std::string rest = normalised(text); !rest.empty();) {
      const auto slash = rest.find('/');
      some.push_back(rest.substr(0, slash));
      rest = slash == std::string::npos ? "" : rest.substr(slash + 1);
    }
    parts.insert(parts.end(), some.rbegin(), some.rend());
  };
  push(path);
  std::string current;
  for (int links = 0; !parts.empty();) {
    const std::string part = parts.back();
    parts.pop_back();
    if (part == "..") {
      const auto slash = current.rfind('/');
      current = slash == std::string::npos ? "" : current.substr(0, slash);
      continue;
    }
    const std::string next = current.empty() ? part : fmt::format("{}/{}", current, part);
    const auto found = entries_.find(next);
    if (found != entries_.end() && found->second.kind == Kind::link && ++links <= 40) {
      if (found->second.target.starts_with('/')) current.clear();
      push(found->second.target);
      continue;
    }
    current = next;
  }
  return current;
}

std::vector<std::string> BaseIndex::list(std::string_view folder) const {
  std::vector<std::string> names;
  const std::string prefix = resolve(folder) + "/";
  for (auto entry = entries_.lower_bound(prefix); entry != entries_.end() && entry->first.starts_with(prefix);
       ++entry) {
    const std::string_view rest = std::string_view(entry->first).substr(prefix.size());
    if (rest.find('/') == std::string_view::npos) names.emplace_back(rest);
  }
  return names;
}

namespace {

std::vector<std::string> search_folders(const ImageConfig& config) {
  std::string path = "/usr/local/bin:/usr/bin:/bin";
  for (const std::string& variable : config.environment) {
    if (variable.starts_with("PATH=")) path = fmt::format("{}:{}", variable.substr(5), path);
  }
  std::vector<std::string> folders;
  for (std::size_t start = 0; start <= path.size();) {
    const auto end = std::min(path.find(':', start), path.size());
    if (end > start && path[start] == '/') folders.push_back(path.substr(start + 1, end - start - 1));
    start = end + 1;
  }
  return folders;
}

// What the official images say in PYTHON_VERSION; otherwise a late patch of that minor version, since a requirement
// that asks for one asks for no early one.
std::string declared_version(const ImageConfig& config, int minor) {
  const std::string start = fmt::format("PYTHON_VERSION=3.{}.", minor);
  for (const std::string& variable : config.environment) {
    const std::string_view patch = std::string_view(variable).substr(std::min(start.size(), variable.size()));
    const bool number = !patch.empty() && patch.find_first_not_of("0123456789") == std::string_view::npos;
    if (variable.starts_with(start) && number) return variable.substr(variable.find('=') + 1);
  }
  return fmt::format("3.{}.99", minor);
}

// From the newest the base's C library can run down to the oldest, since a tag names one version only.
std::vector<std::string> platform_tags(const BaseIndex& index, const std::string& machine) {
  std::vector<std::string> tags;
  if (index.glibc_minor() == 0 && index.has_musl()) {
    for (int minor = 2; minor >= 1; --minor) tags.push_back(fmt::format("musllinux_1_{}_{}", minor, machine));
    tags.push_back("linux_" + machine);
    return tags;
  }
  const int newest = index.glibc_minor() == 0 ? 17 : index.glibc_minor();
  const int oldest = machine == "x86_64" ? 5 : 17;
  for (int minor = newest; minor >= oldest; --minor) {
    tags.push_back(fmt::format("manylinux_2_{}_{}", minor, machine));
    if (minor == 17) tags.push_back("manylinux2014_" + machine);
    if (minor == 12 && machine == "x86_64") tags.push_back("manylinux2010_" + machine);
    if (minor == 5 && machine == "x86_64") tags.push_back("manylinux1_" + machine);
  }
  tags.push_back("linux_" + machine);
  return tags;
}

}  // namespace

Result<PythonEnvironment> find_python(const BaseIndex& index, const ImageConfig& config, const std::string& base) {
  PythonEnvironment python;
  std::string interpreter;
  for (const std::string& folder : search_folders(config)) {
    const std::string candidate = folder + "/python3";
    if (!index.has(candidate)) continue;
    const std::string real = index.resolve(candidate);
    python.minor = minor_of(file_name(real));
    if (python.minor < 0) continue;
    python.interpreter = "/" + candidate;
    interpreter = real;
    break;
  }
  if (interpreter.empty()) {
    return fail(ErrorKind::failed, fmt::format("the base image {} has no Python 3 in its PATH", base),
                "name a base image with Python, by `base` on the image or by --base NAME=REF");
  }
  const std::string folder = interpreter.substr(0, interpreter.rfind('/'));
  const std::string root = folder.find('/') == std::string::npos ? "" : folder.substr(0, folder.rfind('/'));
  const std::string version = fmt::format("python3.{}", python.minor);
  const bool debian = index.is_directory("usr/lib/python3/dist-packages") || index.has("etc/debian_version");
  if (root == "usr" && debian) {
    // Debian's own Python takes what an administrator adds from here.
    python.prefix = "usr/local";
    python.site_packages = fmt::format("usr/local/lib/{}/dist-packages", version);
    python.search_path = {"usr/lib/python3/dist-packages"};
  } else {
    python.prefix = root.empty() ? "usr" : root;
    python.site_packages = fmt::format("{}/lib/{}/site-packages", python.prefix, version);
  }
  python.site_packages = index.resolve(python.site_packages);
  python.scripts = index.resolve(python.prefix + "/bin");
  python.search_path.insert(python.search_path.begin(), python.site_packages);
  python.machine = config.architecture == "arm64" ? "aarch64" : "x86_64";
  python.platform_tags = platform_tags(index, python.machine);
  python.version = index.python_version(python.minor);
  if (python.version.empty()) python.version = declared_version(config, python.minor);
  return python;
}

}  // namespace liminal::build
