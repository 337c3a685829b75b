#include "oci_runtime.hpp"

#include <algorithm>
#include <filesystem>

#include <unistd.h>

#include "liminal/base/process_table.hpp"
#include "liminal/build/unpack.hpp"

#include "control_group.hpp"
#include "oci_command.hpp"
#include "oci_config.hpp"

namespace liminal::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* bundle_prefix = "bundle-";
constexpr int killed = 137;

// Removes a folder of this user's in which a container may have made folders that nobody may enter.
void remove_tree(const World& world, const fs::path& folder) {
  if (world.files.remove_all(folder)) return;
  std::error_code code;
  for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, code), end; at != end;
       at.increment(code)) {
    if (code) break;
    if (at->symlink_status(code).type() != fs::file_type::directory) continue;
    fs::permissions(at->path(), fs::perms::owner_all, fs::perm_options::add | fs::perm_options::nofollow, code);
  }
  if (auto removed = world.files.remove_all(folder); !removed) {
    world.progress.output("run", removed.error().message);
  }
}

// A colon divides folders in a list of lower ones, and a comma options.
std::string escaped(const fs::path& path) {
  std::string result;
  for (const char c : path.string()) {
    if (c == '\\' || c == ':' || c == ',') result += '\\';
    result += c;
  }
  return result;
}

void delete_container(const World& world, const OciWay& way, const fs::path& state, const std::string& id) {
  ProcessRequest request = oci_request(world, way, state, {"delete", "--force", id});
  request.cancellation = nullptr;
  request.timeout = std::chrono::seconds(20);
  static_cast<void>(world.processes.run(request));
}

// The runtime that a killed run left without a parent ends with its container, and makes its folder anew to tidy up.
void wait_for_orphan(const World& world, const fs::path& state) {
  constexpr std::chrono::seconds long_enough{5};
  constexpr std::chrono::milliseconds pause{20};
  const auto uses_it = [&](const ListedProcess& process) { return has_argument(process.id, state.string()); };
  const auto begin = world.clock.monotonic();
  while (world.clock.monotonic() - begin < long_enough) {
    const std::vector<ListedProcess> processes = running_processes();
    if (std::none_of(processes.begin(), processes.end(), uses_it)) return;
    world.clock.sleep_for(pause);
  }
}

}  // namespace

OciRuntime::OciRuntime(const World& world, Settings settings)
    : world_(world), settings_(std::move(settings)), root_user_(::geteuid() == 0) {}

OciRuntime::~OciRuntime() {
  static_cast<void>(world_.files.remove_all(settings_.folder / "state"));
}

Status OciRuntime::prepare(const build::BuiltImage& image) {
  if (images_.contains(image.digest)) return {};
  const build::ImageLayout layout(world_, settings_.layout);
  auto manifest = layout.manifest(image.digest);
  if (!manifest) return tl::unexpected(std::move(manifest.error()));
  auto config = layout.config(*manifest);
  if (!config) return tl::unexpected(std::move(config.error()));
  // Root keeps owners and a user cannot, so each has a folder of its own.
  const std::string folder = image.digest.substr(image.digest.find(':') + 1) + (root_user_ ? "" : "-user");
  Unpacked unpacked{settings_.bundles / folder, std::move(*config), {}};
  if (auto done = unpack(image, unpacked.root); !done) return done;
  auto user = find_user(world_, unpacked.config.user, unpacked.root);
  if (!user) return tl::unexpected(std::move(user.error()));
  unpacked.user = std::move(*user);
  // A user's namespace maps one id: root inside.
  if (!root_user_) unpacked.user = {};
  if (!way_) {
    if (auto chosen = choose(unpacked); !chosen) return chosen;
  }
  images_.emplace(image.digest, std::move(unpacked));
  return {};
}

// Said, since the first time takes long.
Status OciRuntime::unpack(const build::BuiltImage& image, const fs::path& root) {
  if (world_.files.info(root)) return {};
  const std::string item = "image " + image.plan.name.text();
  const auto begin = world_.clock.monotonic();
  world_.progress.started(item, "unpacks");
  auto done = build::unpack(world_, settings_.layout, image.digest, root);
  const auto outcome = done                                          ? Progress::Outcome::done
                       : done.error().kind == ErrorKind::interrupted ? Progress::Outcome::interrupted
                                                                     : Progress::Outcome::failed;
  world_.progress.finished(item, outcome, done ? "unpacked" : done.error().message,
                           std::chrono::ceil<std::chrono::milliseconds>(world_.clock.monotonic() - begin));
  return done;
}

// Tries each way once on a command that does nothing.
Status OciRuntime::choose(const Unpacked& image) {
  Error error{ErrorKind::unavailable,
              "no container runtime works here",
              "install crun or runc, or start Docker",
              {},
              {},
              false};
  for (const OciWay& way : oci_ways(world_, settings_.choice, root_user_)) {
    std::string name = way.program;
    if (root_user_ && !way.limits) name += " without control groups";
    if (way.hide_mixed_cgroups) name += ", this machine's mixed ones hidden";
    if (!world_.processes.find(way.program)) {
      error.causes.push_back(name + ": not installed");
      continue;
    }
    std::string said;
    const auto exit = probe(way, image, said);
    if (!exit || exit->status != 0) {
      error.causes.push_back(name + ": " + (exit ? said : exit.error().message));
      if (exit && exit->cancelled) return fail(ErrorKind::interrupted, "the run was interrupted");
      continue;
    }
    way_ = way;
    storage_ = overlay_works(way, image) ? Storage::overlay : Storage::copy;
    description_ = oci_version(world_, way.program);
    if (!root_user_) description_ += ", as an ordinary user";
    if (storage_ == Storage::copy) description_ += ", copying the image for each container";
    if (settings_.needs_limits && !way.limits) {
      const std::string why =
          root_user_ ? way.program + " can make no control groups on this machine" : "that takes root, or Docker";
      world_.progress.output("run", "limits of memory and processors are not kept here: " + why);
    }
    return {};
  }
  return tl::unexpected(std::move(error));
}

Result<Exit> OciRuntime::probe(const OciWay& way, const Unpacked& image, std::string& said) {
  Container container;
  container.name = "liminal-probe-" + settings_.folder.filename().string();
  container.command = {"/bin/sh", "-c", ":"};
  container.timeout = std::chrono::seconds(30);
  container.on_line = [&said](std::string_view line) { said = line; };
  if (way.limits) container.limits.memory_bytes = 1ULL << 30;
  const fs::path bundle = settings_.folder / (bundle_prefix + container.name);
  auto exit = run_bundle(way, container, image, bundle, {}, true);
  remove_tree(world_, bundle);
  return exit;
}

bool OciRuntime::overlay_works(const OciWay& way, const Unpacked& image) {
  const fs::path bundle = settings_.folder / (std::string(bundle_prefix) + "overlay");
  bool works = false;
  if (prepare_files(image, bundle)) {
    ProcessRequest request =
        oci_request(world_, way, settings_.folder / "state", {"--version"}, {overlay_of(image, bundle)});
    works = world_.processes.run(request).has_value();
  }
  remove_tree(world_, bundle);
  return works;
}

PrivateMount OciRuntime::overlay_of(const Unpacked& image, const fs::path& bundle) const {
  // `userxattr` lets an ordinary user mount it (Linux 5.11); root's marks would need privileges.
  return {"overlay", bundle / "root", "overlay",
          "lowerdir=" + escaped(image.root) + ",upperdir=" + escaped(bundle / "upper") +
              ",workdir=" + escaped(bundle / "work") + (root_user_ ? "" : ",userxattr")};
}

// Files that the container may write to.
Status OciRuntime::prepare_files(const Unpacked& image, const fs::path& bundle) {
  if (storage_ == Storage::overlay) {
    for (const char* folder : {"root", "upper", "work"}) {
      if (auto made = world_.files.make_directories(bundle / folder); !made) return made;
    }
    return {};
  }
  if (auto made = world_.files.make_directories(bundle); !made) return made;
  ProcessRequest copy;
  copy.arguments = {"cp", "-a", "--reflink=auto", "--", image.root.string(), (bundle / "root").string()};
  copy.cancellation = &world_.cancellation;
  std::string said;
  copy.on_error_output = [&said](std::string_view line) { said = line; };
  auto copied = world_.processes.run(copy);
  if (!copied) return tl::unexpected(std::move(copied.error()));
  if (copied->cancelled) return fail(ErrorKind::interrupted, "the run was interrupted");
  if (copied->exit_status == 0) return {};
  return fail(ErrorKind::failed, "the image could not be copied for the container: " + said, "free some disk space");
}

std::vector<Bind> OciRuntime::with_host_files(const Container& container, const Unpacked& image) const {
  std::vector<Bind> result = container.binds;
  for (const char* file : {"/etc/resolv.conf", "/etc/hosts"}) {
    if (world_.files.info_following_links(file)) result.push_back({file, file, true});
  }
  constexpr const char* bundle = "/etc/ssl/certs/ca-certificates.crt";
  if (world_.files.info_following_links(bundle) && !world_.files.info(image.root / (bundle + 1))) {
    result.push_back({bundle, bundle, true});
  }
  return result;
}

Status OciRuntime::write_config(const OciWay& way, const Container& container, const Unpacked& image,
                                const fs::path& bundle, bool read_only) {
  Container complete = container;
  if (!read_only) complete.binds = with_host_files(container, image);
  OciConfigInput input;
  input.container = &complete;
  input.image = &image.config;
  input.root = read_only ? image.root : bundle / "root";
  input.root_read_only = read_only;
  input.root_user = root_user_;
  input.user = image.user;
  if (way.limits) {
    input.cgroup = ControlGroup::container_path(container.name);
    input.count_swap = limits_count_swap(world_);
  }
  return world_.files.write(bundle / "config.json",
                            oci_config(input).dump(-1, ' ', false, Json::error_handler_t::replace), 0600);
}

Result<Exit> OciRuntime::run_bundle(const OciWay& way, const Container& container, const Unpacked& image,
                                    const fs::path& bundle, std::vector<PrivateMount> mounts, bool read_only) {
  const fs::path state = settings_.folder / "state";
  if (auto made = world_.files.make_directories(state); !made) return tl::unexpected(std::move(made.error()));
  if (auto written = write_config(way, container, image, bundle, read_only); !written) {
    return tl::unexpected(std::move(written.error()));
  }
  const ControlGroup group(world_, container.name);
  ProcessRequest run =
      oci_request(world_, way, state, {"run", "--bundle", bundle.string(), container.name}, std::move(mounts));
  run.on_output = container.on_line;
  run.on_error_output = container.on_line;
  run.timeout = container.timeout;
  auto outcome = world_.processes.run(run);
  // After a normal end nothing is there to remove, and the runtime says so.
  if (!outcome || outcome->exit_status != 0) delete_container(world_, way, state, container.name);
  if (!outcome) return tl::unexpected(std::move(outcome.error()));
  Exit exit{outcome->exit_status, outcome->timed_out, outcome->cancelled, "", false};
  exit.out_of_memory = way.limits && exit.status == killed && !exit.timed_out && !exit.cancelled &&
                       group.out_of_memory(container.limits.memory_bytes);
  return exit;
}

Result<Exit> OciRuntime::run(const Container& container) {
  if (world_.cancellation.requested()) return Exit{130, false, true, "", false};
  const Unpacked& image = images_.at(container.image->digest);
  const fs::path bundle = settings_.folder / (bundle_prefix + container.name);
  Result<Exit> exit = Exit{130, false, true, "", false};
  auto prepared = prepare_files(image, bundle);
  if (prepared) {
    std::vector<PrivateMount> mounts;
    if (storage_ == Storage::overlay) mounts.push_back(overlay_of(image, bundle));
    exit = run_bundle(*way_, container, image, bundle, std::move(mounts), false);
  } else if (prepared.error().kind != ErrorKind::interrupted) {
    exit = tl::unexpected(std::move(prepared.error()));
  }
  remove_tree(world_, bundle);
  return exit;
}

Status remove_oci_containers(const World& world, const fs::path& folder) {
  const fs::path state = folder / "state";
  if (const auto containers = world.files.list(state)) {
    for (const DirectoryEntry& container : *containers) {
      const RuntimeChoice program =
          world.files.info(state / container.name / "state.json") ? RuntimeChoice::runc : RuntimeChoice::crun;
      for (const OciWay& way : oci_ways(world, program, ::geteuid() == 0)) {
        if (world.files.info(state / container.name)) delete_container(world, way, state, container.name);
      }
      ControlGroup(world, container.name).remove();
      if (world.files.info(state / container.name)) {
        return fail(ErrorKind::failed, "the container " + container.name + " is still there");
      }
    }
  }
  const auto entries = world.files.list(folder);
  if (!entries) return {};
  for (const DirectoryEntry& entry : *entries) {
    if (entry.name.starts_with(bundle_prefix)) remove_tree(world, folder / entry.name);
  }
  wait_for_orphan(world, state);
  return world.files.remove_all(state);
}

}  // namespace liminal::run
