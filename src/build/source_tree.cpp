#include "source_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "liminal/base/file_stream.hpp"
#include "liminal/base/sha256.hpp"
#include "liminal/base/thread_pool.hpp"

namespace liminal::build {

namespace {

constexpr std::size_t deepest = 256;

tl::unexpected<Error> unreadable(const std::filesystem::path& path) {
  return fail(ErrorKind::usage, fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)),
              "check who may read it");
}

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// True when a relative link at `path` stays inside the folder.
bool stays_inside(std::string_view path, std::string_view target) {
  if (target.empty() || target.front() == '/') return false;
  const std::filesystem::path joined =
      (std::filesystem::path(path).parent_path() / std::filesystem::path(target)).lexically_normal();
  return joined.empty() || *joined.begin() != "..";
}

class Scanner {
 public:
  Scanner(const std::filesystem::path& root, const ScanRules& rules, std::vector<SourceFile>& files)
      : root_(root), rules_(rules), files_(files) {}

  // Takes over the descriptor of the folder.
  Status scan_folder(int descriptor, const std::string& prefix, std::size_t depth) {
    DIR* stream = ::fdopendir(descriptor);
    if (stream == nullptr) {
      ::close(descriptor);
      return unreadable(root_ / prefix);
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> guard(stream, ::closedir);
    if (depth > deepest)
      return fail(ErrorKind::usage, fmt::format("{} is nested too deeply", (root_ / prefix).string()));
    while (const dirent* entry = ::readdir(stream)) {
      const std::string_view name(entry->d_name);
      if (name == "." || name == "..") continue;
      if (auto done = scan_entry(descriptor, prefix.empty() ? std::string(name) : fmt::format("{}/{}", prefix, name),
                                 entry->d_name, depth);
          !done) {
        return done;
      }
    }
    return {};
  }

 private:
  Status scan_entry(int folder, std::string path, const char* name, std::size_t depth) {
    const bool left_out = rules_.leave_out && rules_.leave_out(path);
    if (left_out && !rules_.look_below_left_out) return {};
    struct stat status {};
    if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return unreadable(root_ / path);
    if (left_out && !S_ISDIR(status.st_mode)) return {};
    SourceFile file;
    file.mode = status.st_mode & 07777U;
    if (rules_.normalise_modes) file.mode = S_ISDIR(status.st_mode) || (status.st_mode & 0111U) != 0 ? 0755 : 0644;
    if (S_ISDIR(status.st_mode)) {
      file.kind = SourceFile::Kind::directory;
      file.path = path;
      files_.push_back(std::move(file));
      const std::size_t with_folder = files_.size();
      const int child = ::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (child < 0) return unreadable(root_ / path);
      auto scanned = scan_folder(child, path, depth + 1);
      if (left_out && files_.size() == with_folder) files_.pop_back();
      return scanned;
    }
    if (S_ISLNK(status.st_mode)) return scan_link(folder, std::move(path), name);
    if (!S_ISREG(status.st_mode)) {
      if (!rules_.normalise_modes) return {};
      return fail(ErrorKind::usage, fmt::format("{} is a socket, a pipe or a device", (root_ / path).string()),
                  "remove it, or name it in .dockerignore");
    }
    file.path = std::move(path);
    file.size = static_cast<std::uint64_t>(status.st_size);
    file.modified_ns = nanoseconds(status.st_mtim);
    file.changed_ns = nanoseconds(status.st_ctim);
    file.inode = status.st_ino;
    files_.push_back(std::move(file));
    return {};
  }

  Status scan_link(int folder, std::string path, const char* name) {
    std::string target(4096, '\0');
    const ssize_t length = ::readlinkat(folder, name, target.data(), target.size());
    if (length < 0) return unreadable(root_ / path);
    target.resize(static_cast<std::size_t>(length));
    if (rules_.normalise_modes && !stays_inside(path, target)) {
      return fail(ErrorKind::usage, fmt::format("the link {} leads out of its folder", (root_ / path).string()),
                  "replace it by the file, or name it in .dockerignore");
    }
    SourceFile file;
    file.kind = SourceFile::Kind::link;
    file.path = std::move(path);
    file.mode = 0777;
    file.content = std::move(target);
    files_.push_back(std::move(file));
    return {};
  }

  const std::filesystem::path& root_;
  const ScanRules& rules_;
  std::vector<SourceFile>& files_;
};

bool same_stat(const SourceFile& a, const SourceFile& b) {
  return a.size == b.size && a.modified_ns == b.modified_ns && a.changed_ns == b.changed_ns && a.inode == b.inode;
}

// A file may have changed in the same tick of the clock in which it was hashed ("racily clean"), so one whose change is
// that young is not trusted. Times without a fraction come from a file system that knows whole seconds only.
bool settled(const SourceFile& file, std::int64_t scanned_ns) {
  constexpr std::int64_t tick = 20'000'000;
  constexpr std::int64_t second = 1'000'000'000;
  const bool coarse = file.changed_ns % second == 0;
  return file.changed_ns < scanned_ns - (coarse ? 2 * second : tick);
}

Result<std::string> hash_file(const std::filesystem::path& path) {
  const auto reader = FileReader::open(path);
  if (!reader) return tl::unexpected(reader.error());
  Sha256 hash;
  std::vector<char> buffer(128 * 1024);
  for (std::uint64_t offset = 0;;) {
    const auto count = reader->read_at(offset, buffer.data(), buffer.size());
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) return hash.hex();
    hash.update({buffer.data(), *count});
    offset += *count;
  }
}

}  // namespace

Result<SourceTree> scan(const World& world, const std::filesystem::path& folder, const ScanRules& rules) {
  SourceTree tree;
  tree.scanned_ns = std::chrono::nanoseconds(world.clock.now().time_since_epoch()).count();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return fail(ErrorKind::usage, fmt::format("cannot read the folder {}: {}", folder.string(), std::strerror(errno)));
  }
  Scanner scanner(folder, rules, tree.files);
  if (auto done = scanner.scan_folder(descriptor, "", 0); !done) return tl::unexpected(done.error());
  std::sort(tree.files.begin(), tree.files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return tree;
}

Result<std::size_t> hash_files(const World& world, const std::filesystem::path& folder, SourceTree& tree,
                               const SourceTree& known) {
  std::vector<SourceFile*> unknown;
  auto candidate = known.files.begin();
  for (SourceFile& file : tree.files) {
    if (file.kind != SourceFile::Kind::file) continue;
    while (candidate != known.files.end() && candidate->path < file.path) ++candidate;
    if (candidate != known.files.end() && candidate->path == file.path && same_stat(*candidate, file) &&
        settled(*candidate, known.scanned_ns)) {
      file.content = candidate->content;
    } else {
      unknown.push_back(&file);
    }
  }
  std::mutex mutex;
  std::optional<Error> failure;
  parallel_for(world.jobs, unknown.size(), [&](std::size_t i) {
    auto hash = hash_file(folder / unknown[i]->path);
    if (hash) {
      unknown[i]->content = *std::move(hash);
      return;
    }
    const std::lock_guard guard(mutex);
    if (!failure) failure = hash.error();
  });
  if (failure) return tl::unexpected(*failure);
  Sha256 hash;
  for (const SourceFile& file : tree.files) {
    hash.update(fmt::format("{}{:o} {}", static_cast<char>(file.kind), file.mode, file.path));
    hash.update(std::string_view("\0", 1));
    hash.update(file.content);
    hash.update(std::string_view("\0", 1));
  }
  tree.hash = hash.hex();
  return unknown.size();
}

Result<SourceTree> scan_and_hash(const World& world, const std::filesystem::path& folder, const ScanRules& rules,
                                 const std::filesystem::path& state) {
  auto tree = scan(world, folder, rules);
  if (!tree) return tree;
  SourceTree known;
  if (world.files.info(state)) {
    if (const auto text = world.files.read(state)) known = from_state(*text);
  }
  const auto count = hash_files(world, folder, *tree, known);
  if (!count) return tl::unexpected(count.error());
  if (*count > 0 || known.hash != tree->hash) static_cast<void>(world.files.write(state, to_state(*tree)));
  return tree;
}

std::string to_state(const SourceTree& tree) {
  std::string text = fmt::format("liminal-tree 1 {} {}", tree.scanned_ns, tree.hash);
  text += '\0';
  for (const SourceFile& file : tree.files) {
    fmt::format_to(std::back_inserter(text), "{} {} {} {} {} {} {}", static_cast<char>(file.kind), file.mode, file.size,
                   file.modified_ns, file.changed_ns, file.inode, file.path);
    text += '\0';
    text += file.content;
    text += '\0';
  }
  return text;
}

namespace {

template <class Number>
bool take_number(std::string_view& text, Number& value) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end == text.data() + text.size() || *end != ' ') return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

std::string_view take_field(std::string_view& text) {
  const auto end = text.find('\0');
  const std::string_view field = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return field;
}

}  // namespace

SourceTree from_state(std::string_view text) {
  SourceTree tree;
  std::string_view head = take_field(text);
  constexpr std::string_view magic = "liminal-tree 1 ";
  if (!head.starts_with(magic)) return {};
  head.remove_prefix(magic.size());
  if (!take_number(head, tree.scanned_ns)) return {};
  tree.hash = head;
  while (!text.empty()) {
    std::string_view line = take_field(text);
    if (line.size() < 2) return {};
    SourceFile file;
    file.kind = static_cast<SourceFile::Kind>(line.front());
    line.remove_prefix(2);
    if (!take_number(line, file.mode) || !take_number(line, file.size) || !take_number(line, file.modified_ns) ||
        !take_number(line, file.changed_ns) || !take_number(line, file.inode)) {
      return {};
    }
    file.path = line;
    file.content = take_field(text);
    tree.files.push_back(std::move(file));
  }
  return tree;
}

std::vector<std::string> changed_paths(const SourceTree& before, const SourceTree& after, std::size_t limit) {
  std::vector<std::string> paths;
  auto a = before.files.begin();
  auto b = after.files.begin();
  while (paths.size() < limit && (a != before.files.end() || b != after.files.end())) {
    if (b == after.files.end() || (a != before.files.end() && a->path < b->path)) {
      paths.push_back((a++)->path);
    } else if (a == before.files.end() || b->path < a->path) {
      paths.push_back((b++)->path);
    } else {
      if (a->kind != b->kind || a->mode != b->mode || a->content != b->content) paths.push_back(b->path);
      ++a;
      ++b;
    }
  }
  return paths;
}

}  // namespace liminal::build
