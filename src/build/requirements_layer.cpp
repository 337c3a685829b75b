#include "requirements_layer.hpp"

#include <deque>
#include <map>
#include <set>

#include <fmt/format.h>

namespace liminal::build {

namespace {

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string join(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

tl::unexpected<Error> no_place(const Wheel& wheel, const std::string& path, std::string_view why) {
  return fail(ErrorKind::failed, fmt::format("the wheel {} puts a file at {}, {}", wheel.name, path, why));
}

// What the layer holds, by path: a tar of it in this order has every folder before what is in it.
class LayerPlan {
 public:
  LayerPlan(const BaseIndex& base, const PythonEnvironment& python) : base_(base), python_(python) {}

  Status add(const Wheel& wheel, std::vector<InstalledFile> files);
  // After all wheels: what they replace, and the folders that are missing.
  Status complete();
  Status write(const World& world, LayerWriter& writer) const;

 private:
  struct Placed {
    InstalledFile file;
    const Wheel* wheel;
  };

  void find_replaced(const std::string& name);
  void add_old_file(const std::string& path);
  [[nodiscard]] bool all_replaced(const std::string& folder) const;
  [[nodiscard]] bool has_files_below(const std::string& folder) const;
  void add_whiteouts();
  Status check_place(const std::string& path, const Placed& placed);

  const BaseIndex& base_;
  const PythonEnvironment& python_;
  std::map<std::string, Placed> files_;
  std::set<std::string> distributions_;  // normalised names
  std::set<std::string> old_;            // files of the base that belong to older versions
  std::set<std::string> whiteouts_;      // paths in the base that are to vanish
  std::set<std::string> folders_;        // that the base lacks
};

Status LayerPlan::add(const Wheel& wheel, std::vector<InstalledFile> files) {
  distributions_.insert(normalised_name(wheel.name.substr(0, wheel.name.find('-'))));
  for (InstalledFile& file : files) {
    // A folder of the base may be a link to another: the file goes where the link leads.
    const std::string path = join(base_.resolve(parent_of(file.path)), name_of(file.path));
    const auto found = files_.find(path);
    if (found == files_.end()) {
      files_.emplace(path, Placed{std::move(file), &wheel});
      continue;
    }
    const Placed& other = found->second;
    if (other.file.hash == file.hash && other.file.mode == file.mode) continue;
    return fail(
        ErrorKind::failed,
        fmt::format("the wheels {} and {} both hold {}, with different content", other.wheel->name, wheel.name, path),
        "leave one of them out of the requirements");
  }
  return {};
}

// Files of a distribution that the base has installed, as its RECORD tells them.
void LayerPlan::find_replaced(const std::string& name) {
  for (const std::string& entry : base_.list(python_.site_packages)) {
    const bool info = entry.ends_with(".dist-info");
    if (!info && !entry.ends_with(".egg-info")) continue;
    if (normalised_name(entry.substr(0, entry.find('-'))) != name) continue;
    const std::string folder = python_.site_packages + "/" + entry;
    if (!base_.is_directory(folder)) add_old_file(folder);
    for (const std::string& file : base_.list(folder)) add_old_file(fmt::format("{}/{}", folder, file));
    for (const std::string& file : base_.record(folder + "/RECORD")) {
      const std::filesystem::path path = std::filesystem::path(python_.site_packages) / file;
      add_old_file(path.lexically_normal().generic_string());
    }
  }
}

void LayerPlan::add_old_file(const std::string& path) {
  if (!path.starts_with(python_.prefix + "/")) return;
  const std::string real = join(base_.resolve(parent_of(path)), name_of(path));
  if (!base_.has(real) || base_.is_directory(real)) return;
  old_.insert(real);
  if (!real.ends_with(".py")) return;
  const std::string name = name_of(real);
  for (const char* level : {"", ".opt-1", ".opt-2"}) {
    const std::string compiled = fmt::format("{}/__pycache__/{}.cpython-3{}{}.pyc", parent_of(real),
                                             name.substr(0, name.size() - 3), python_.minor, level);
    if (base_.has(compiled)) old_.insert(compiled);
  }
}

bool LayerPlan::has_files_below(const std::string& folder) const {
  const auto next = files_.lower_bound(folder + "/");
  return next != files_.end() && next->first.starts_with(folder + "/");
}

bool LayerPlan::all_replaced(const std::string& folder) const {
  if (has_files_below(folder)) return false;
  for (const std::string& name : base_.list(folder)) {
    const std::string path = fmt::format("{}/{}", folder, name);
    if (!(base_.is_directory(path) ? all_replaced(path) : old_.contains(path))) return false;
  }
  return true;
}

// A folder that would be left empty goes as a whole: Python would import it.
void LayerPlan::add_whiteouts() {
  for (const std::string& path : old_) {
    if (files_.contains(path)) continue;
    std::string gone = path;
    for (std::string folder = parent_of(path); folder.starts_with(python_.site_packages + "/");
         folder = parent_of(folder)) {
      if (whiteouts_.contains(folder) || all_replaced(folder)) gone = folder;
    }
    whiteouts_.insert(gone);
  }
}

Status LayerPlan::check_place(const std::string& path, const Placed& placed) {
  if (base_.is_directory(path)) return no_place(*placed.wheel, path, "where the base image has a folder");
  for (std::string folder = parent_of(path); !folder.empty(); folder = parent_of(folder)) {
    if (const auto other = files_.find(folder); other != files_.end()) {
      return no_place(*placed.wheel, path, fmt::format("below a file of {}", other->second.wheel->name));
    }
    if (base_.is_directory(folder)) break;
    if (base_.has(folder)) return no_place(*placed.wheel, path, "below what is a file in the base image");
    folders_.insert(folder);
  }
  return {};
}

Status LayerPlan::complete() {
  for (const std::string& name : distributions_) find_replaced(name);
  add_whiteouts();
  for (const auto& [path, placed] : files_) {
    if (auto checked = check_place(path, placed); !checked) return checked;
  }
  return {};
}

Status LayerPlan::write(const World& world, LayerWriter& writer) const {
  std::map<std::string, const Placed*> entries;
  for (const std::string& folder : folders_) entries.emplace(folder, nullptr);
  for (const std::string& path : whiteouts_) {
    entries.emplace(join(parent_of(path), ".wh." + name_of(path)), nullptr);
  }
  for (const auto& [path, placed] : files_) entries.emplace(path, &placed);
  for (const auto& [path, placed] : entries) {
    if (world.cancellation.requested()) return fail(ErrorKind::interrupted, "the build was interrupted");
    if (placed == nullptr) {
      auto written = folders_.contains(path) ? writer.directory(path) : writer.file(path, 0644, "");
      if (!written) return written;
      continue;
    }
    if (auto begun = writer.begin_file(path, placed->file.mode, placed->file.size); !begun) return begun;
    auto written =
        write_content(*placed->wheel, placed->file, [&writer](std::string_view bytes) { return writer.data(bytes); });
    if (!written) return written;
  }
  return {};
}

}  // namespace

Result<std::optional<Layer>> write_requirements_layer(const World& world, const ImageLayout& layout,
                                                      const BaseIndex& base, const PythonEnvironment& python,
                                                      const std::vector<Wheel>& wheels) {
  if (wheels.empty()) return std::nullopt;
  LayerPlan plan(base, python);
  std::deque<ZipReader> archives;
  for (const Wheel& wheel : wheels) {
    auto archive = ZipReader::open(wheel.file);
    if (!archive) return tl::unexpected(archive.error());
    archives.push_back(*std::move(archive));
    auto files = install_wheel(wheel, archives.back(), python);
    if (!files) return tl::unexpected(files.error());
    if (auto added = plan.add(wheel, *std::move(files)); !added) return tl::unexpected(added.error());
  }
  if (auto completed = plan.complete(); !completed) return tl::unexpected(completed.error());
  auto writer = LayerWriter::create(world, layout);
  if (!writer) return tl::unexpected(writer.error());
  if (auto written = plan.write(world, **writer); !written) return tl::unexpected(written.error());
  auto layer = (*writer)->finish();
  if (!layer) return tl::unexpected(layer.error());
  return std::optional(*std::move(layer));
}

}  // namespace liminal::build
