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

#include "liminal/base/sha256.hpp"
#include "liminal/base/thread_pool.hpp"

namespace liminal::build {

namespace {

constexpr std::size_t deepest = 256;

// Of what errno says.
tl::unexpected<Error> unreadable(const std::filesystem::path& path) {
  const int code = errno;
  const bool refused = code == EACCES || code == EPERM;
  return fail(refused ? ErrorKind::unavailable : ErrorKind::usage,
              fmt::format("cannot read {}: {}", path.string(), std::strerror(code)),
              refused ? "make it readable (chmod), or run as a user who may read it" : "");
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
      std::string path;
      path.reserve(prefix.size() + 1 + name.size());
      if (!prefix.empty()) path.append(prefix).push_back('/');
      path.append(name);
      if (auto done = scan_entry(descriptor, std::move(path), entry->d_name, entry->d_type, depth); !done) return done;
    }
    return {};
  }

  // What was met that no image may hold, all of it at once.
  [[nodiscard]] Status refusals() {
    if (refused_.empty()) return {};
    if (refused_.size() == 1) return tl::unexpected(refused_.front());
    // A listing has no order.
    std::sort(refused_.begin(), refused_.end(), [](const Error& a, const Error& b) { return a.message < b.message; });
    auto all = fail(ErrorKind::usage, fmt::format("{} entries of {} cannot be packed", refused_.size(), root_.string()),
                    "remove them, or name them in .dockerignore");
    constexpr std::size_t most = 20;
    for (const Error& one : refused_) {
      if (all.value().causes.size() == most) break;
      all.value().causes.push_back(one.message);
    }
    if (refused_.size() > most) all.value().causes.push_back(fmt::format("and {} more", refused_.size() - most));
    return all;
  }

 private:
  void refuse(std::string message, std::string advice) {
    refused_.push_back(fail(ErrorKind::usage, std::move(message), std::move(advice)).value());
  }

  // The listing says what kind an entry is, on most file systems; where modes are not taken as they are, that is all
  // there is to know of a folder or a link.
  Status scan_entry(int folder, std::string path, const char* name, unsigned char type, std::size_t depth) {
    const bool left_out = rules_.leave_out && rules_.leave_out(path);
    if (left_out && (!rules_.look_below_left_out || (type != DT_DIR && type != DT_UNKNOWN))) return {};
    if (type == DT_LNK) return scan_link(folder, std::move(path), name);
    if (type == DT_DIR && rules_.normalise_modes) return scan_child(folder, path, name, 0755, left_out, depth);
    struct stat status {};
    if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return unreadable(root_ / path);
    std::uint32_t mode = status.st_mode & 07777U;
    if (rules_.normalise_modes) mode = S_ISDIR(status.st_mode) || (status.st_mode & 0111U) != 0 ? 0755 : 0644;
    if (S_ISDIR(status.st_mode)) return scan_child(folder, path, name, mode, left_out, depth);
    if (left_out) return {};
    if (S_ISLNK(status.st_mode)) return scan_link(folder, std::move(path), name);
    if (!S_ISREG(status.st_mode)) {
      if (!rules_.normalise_modes) return {};
      refuse(fmt::format("{} is a socket, a pipe or a device", (root_ / path).string()),
             "remove it, or name it in .dockerignore");
      return {};
    }
    SourceFile& file = files_.emplace_back();
    file.mode = mode;
    file.path = std::move(path);
    file.size = static_cast<std::uint64_t>(status.st_size);
    file.modified_ns = nanoseconds(status.st_mtim);
    file.changed_ns = nanoseconds(status.st_ctim);
    file.inode = status.st_ino;
    return {};
  }

  Status scan_child(int folder, const std::string& path, const char* name, std::uint32_t mode, bool left_out,
                    std::size_t depth) {
    SourceFile& file = files_.emplace_back();
    file.kind = SourceFile::Kind::directory;
    file.path = path;
    file.mode = mode;
    const std::size_t with_folder = files_.size();
    const int child = ::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (child < 0) return unreadable(root_ / path);
    auto scanned = scan_folder(child, path, depth + 1);
    if (left_out && files_.size() == with_folder) files_.pop_back();
    return scanned;
  }

  Status scan_link(int folder, std::string path, const char* name) {
    std::string target(4096, '\0');
    const ssize_t length = ::readlinkat(folder, name, target.data(), target.size());
    if (length < 0) return unreadable(root_ / path);
    target.resize(static_cast<std::size_t>(length));
    if (rules_.normalise_modes && !stays_inside(path, target)) {
      refuse(fmt::format("the link {} leads out of its folder", (root_ / path).string()),
             "replace it by the file, or name it in .dockerignore");
      return {};
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
  std::vector<Error> refused_;
};

// A recorded tree, read where it lies: most of it is compared once and thrown away.
class RecordedTree {
 public:
  struct File {
    SourceFile::Kind kind = SourceFile::Kind::file;
    std::uint32_t mode = 0;
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    std::uint64_t inode = 0;
    std::string_view path;
    std::string_view content;
  };

  explicit RecordedTree(std::string_view state) : rest_(state) {
    constexpr std::string_view magic = "liminal-tree 1 ";
    const auto head = take_field();
    std::string_view text = head && head->starts_with(magic) ? head->substr(magic.size()) : std::string_view();
    if (take_number(text, scanned_ns)) {
      hash = text;
    } else {
      end();
    }
  }

  // False at its end, and from where it is damaged on.
  bool next(File& file) {
    if (rest_.empty()) return false;
    auto line = take_field();
    const auto content = take_field();
    if (!line || !content || line->size() < 2) return end(), false;
    file.kind = static_cast<SourceFile::Kind>(line->front());
    line->remove_prefix(2);
    if (!take_number(*line, file.mode) || !take_number(*line, file.size) || !take_number(*line, file.modified_ns) ||
        !take_number(*line, file.changed_ns) || !take_number(*line, file.inode)) {
      return end(), false;
    }
    file.path = *line;
    file.content = *content;
    return true;
  }
  [[nodiscard]] bool damaged() const { return damaged_; }

  std::int64_t scanned_ns = 0;
  std::string_view hash;

 private:
  void end() {
    rest_ = {};
    damaged_ = true;
  }

  template <class Number>
  static bool take_number(std::string_view& text, Number& value) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end == text.data() + text.size() || *end != ' ') return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    return true;
  }

  std::optional<std::string_view> take_field() {
    const auto end = rest_.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view field = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return field;
  }

  std::string_view rest_;
  bool damaged_ = false;
};

bool same_stat(const RecordedTree::File& a, const SourceFile& b) {
  return a.size == b.size && a.modified_ns == b.modified_ns && a.changed_ns == b.changed_ns && a.inode == b.inode;
}

// A file may have changed in the same tick of the clock in which it was hashed ("racily clean"), so one whose change is
// that young is not trusted. Times without a fraction come from a file system that knows whole seconds only.
bool settled(const RecordedTree::File& file, std::int64_t scanned_ns) {
  constexpr std::int64_t tick = 20'000'000;
  constexpr std::int64_t second = 1'000'000'000;
  const bool coarse = file.changed_ns % second == 0;
  return file.changed_ns < scanned_ns - (coarse ? 2 * second : tick);
}

}  // namespace

Result<SourceTree> scan(const World& world, const std::filesystem::path& folder, const ScanRules& rules) {
  SourceTree tree;
  tree.scanned_ns = std::chrono::nanoseconds(world.clock.now().time_since_epoch()).count();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return unreadable(folder);
  Scanner scanner(folder, rules, tree.files);
  if (auto done = scanner.scan_folder(descriptor, "", 0); !done) return tl::unexpected(done.error());
  if (auto refused = scanner.refusals(); !refused) return tl::unexpected(refused.error());
  std::sort(tree.files.begin(), tree.files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return tree;
}

Result<std::size_t> hash_files(const World& world, const std::filesystem::path& folder, SourceTree& tree,
                               std::string_view known) {
  std::vector<SourceFile*> unknown;
  RecordedTree recorded(known);
  RecordedTree::File candidate;
  bool more = recorded.next(candidate);
  for (SourceFile& file : tree.files) {
    if (file.kind != SourceFile::Kind::file) continue;
    while (more && candidate.path < file.path) more = recorded.next(candidate);
    if (more && candidate.path == file.path && same_stat(candidate, file) && settled(candidate, recorded.scanned_ns)) {
      file.content = candidate.content;
    } else {
      unknown.push_back(&file);
    }
  }
  std::mutex mutex;
  std::optional<Error> failure;
  std::size_t first_failed = unknown.size();  // whatever the threads did
  parallel_for(world.jobs, unknown.size(), [&](std::size_t i) {
    auto hash = sha256_of_file(folder / unknown[i]->path, world.cancellation);
    if (hash) {
      unknown[i]->content = *std::move(hash);
      return;
    }
    const std::lock_guard guard(mutex);
    if (i > first_failed) return;
    first_failed = i;
    failure = hash.error();
  });
  if (failure) return tl::unexpected(*failure);
  Sha256 hash;
  std::string line;
  for (const SourceFile& file : tree.files) {
    line.clear();
    fmt::format_to(std::back_inserter(line), "{}{:o} {}", static_cast<char>(file.kind), file.mode, file.path);
    line += '\0';
    line += file.content;
    line += '\0';
    hash.update(line);
  }
  tree.hash = hash.hex();
  return unknown.size();
}

Result<SourceTree> scan_and_hash(const World& world, const std::filesystem::path& folder, const ScanRules& rules,
                                 const std::filesystem::path& state) {
  auto tree = scan(world, folder, rules);
  if (!tree) return tree;
  std::string known;
  if (world.files.info(state)) known = world.files.read(state).value_or(std::string());
  const auto count = hash_files(world, folder, *tree, known);
  if (!count) return tl::unexpected(count.error());
  if (*count > 0 || RecordedTree(known).hash != tree->hash)
    static_cast<void>(world.files.write(state, to_state(*tree)));
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

SourceTree from_state(std::string_view text) {
  RecordedTree recorded(text);
  SourceTree tree;
  tree.scanned_ns = recorded.scanned_ns;
  tree.hash = recorded.hash;
  for (RecordedTree::File file; recorded.next(file);) {
    tree.files.push_back({file.kind, std::string(file.path), file.mode, file.size, file.modified_ns, file.changed_ns,
                          file.inode, std::string(file.content)});
  }
  return recorded.damaged() ? SourceTree() : tree;
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
