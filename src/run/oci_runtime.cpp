#include "oci_runtime.hpp"

#include <charconv>

#include <unistd.h>

#include "liminal/build/unpack.hpp"

#include "oci_config.hpp"

namespace liminal::run {
namespace {

// A constant text: what it runs comes in as arguments and is never read as shell.
constexpr const char* hide_and_run = "mount -t tmpfs none /sys/fs/cgroup/unified && exec \"$@\"";

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// USER or UID, with :GID, as an image's configuration has it. Only numbers and root are understood.
Result<std::pair<unsigned, unsigned>> user_of(const std::string& text) {
  if (text.empty() || text == "root" || text == "root:root") return std::pair(0U, 0U);
  const std::size_t colon = text.find(':');
  const auto user = number(text.substr(0, colon));
  const auto group = colon == std::string::npos ? std::optional(0U) : number(text.substr(colon + 1));
  if (user && group) return std::pair(*user, *group);
  return fail(ErrorKind::failed, "the image runs as `" + text + "`, which is not a number",
              "name the user by its number in the image, or run it with --runtime docker");
}

}  // namespace

OciRuntime::OciRuntime(const World& world, Settings settings)
    : world_(world), settings_(std::move(settings)), root_user_(::geteuid() == 0) {}

std::vector<OciRuntime::Way> OciRuntime::ways() const {
  std::vector<Way> result;
  if (settings_.choice != RuntimeChoice::runc) {
    result.push_back({"crun", false});
    if (world_.files.info("/sys/fs/cgroup/unified")) result.push_back({"crun", true});
  }
  if (settings_.choice != RuntimeChoice::crun) result.push_back({"runc", false});
  return result;
}

ProcessRequest OciRuntime::request(std::vector<std::string> arguments) const {
  ProcessRequest result;
  result.arguments = std::move(arguments);
  for (const char* name : {"PATH", "HOME", "XDG_RUNTIME_DIR"}) {
    if (const auto value = world_.environment.get(name)) result.environment[name] = *value;
  }
  result.cancellation = &world_.cancellation;
  return result;
}

std::vector<std::string> OciRuntime::command(const Way& way, const std::vector<std::string>& arguments) const {
  std::vector<std::string> result;
  if (way.hide_mixed_cgroups) {
    result = {"unshare", "--mount"};
    if (!root_user_) result.insert(result.end(), {"--user", "--map-root-user"});
    result.insert(result.end(), {"sh", "-c", hide_and_run, "sh"});
  }
  result.push_back(way.program);
  if (way.program == "crun" && (way.hide_mixed_cgroups || !root_user_)) {
    result.emplace_back("--cgroup-manager=disabled");
  }
  if (way.program == "runc" && !root_user_) result.emplace_back("--rootless=true");
  result.insert(result.end(), {"--root", (settings_.folder / "state").string()});
  result.insert(result.end(), arguments.begin(), arguments.end());
  return result;
}

Status OciRuntime::prepare(const build::BuiltImage& image) {
  if (images_.contains(image.digest)) return {};
  const build::ImageLayout layout(world_, settings_.layout);
  auto manifest = layout.manifest(image.digest);
  if (!manifest) return tl::unexpected(std::move(manifest.error()));
  auto config = layout.config(*manifest);
  if (!config) return tl::unexpected(std::move(config.error()));
  auto user = user_of(config->user);
  if (!user) return tl::unexpected(std::move(user.error()));
  // Root keeps owners and a user cannot, so each has a folder of its own.
  const std::string folder = image.digest.substr(image.digest.find(':') + 1) + (root_user_ ? "" : "-user");
  Unpacked unpacked{settings_.bundles / folder, std::move(*config), user->first, user->second};
  if (auto done = build::unpack(world_, settings_.layout, image.digest, unpacked.root); !done) return done;
  if (!way_) {
    if (auto chosen = choose(unpacked); !chosen) return chosen;
  }
  images_.emplace(image.digest, std::move(unpacked));
  return {};
}

// Tries each way once on a command that does nothing.
Status OciRuntime::choose(const Unpacked& image) {
  Error error{ErrorKind::unavailable,
              "no container runtime works here",
              "install crun or runc, or start Docker",
              {},
              {},
              false};
  for (const Way& way : ways()) {
    const std::string name = way.program + (way.hide_mixed_cgroups ? " with this machine's mixed cgroups hidden" : "");
    if (!world_.processes.find(way.program)) {
      error.causes.push_back(name + ": not installed");
      continue;
    }
    std::string said;
    Container probe;
    probe.name = "probe";
    probe.command = {"/bin/sh", "-c", ":"};
    probe.timeout = std::chrono::seconds(30);
    probe.on_line = [&said](std::string_view line) { said = line; };
    const auto exit = run_bundle(way, probe, image, image.root, true);
    if (exit && exit->status == 0) {
      way_ = way;
      description_ = name + (root_user_ ? "" : ", as an ordinary user");
      return {};
    }
    error.causes.push_back(name + ": " + (exit ? said : exit.error().message));
  }
  return tl::unexpected(std::move(error));
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

Status OciRuntime::write_config(const Way& way, const Container& container, const Unpacked& image,
                                const std::filesystem::path& root, bool read_only,
                                const std::filesystem::path& bundle) {
  Container complete = container;
  if (!read_only) complete.binds = with_host_files(container, image);
  OciConfigInput input;
  input.container = &complete;
  input.image = &image.config;
  input.root = root;
  input.root_read_only = read_only;
  input.root_user = root_user_;
  input.new_user_namespace = !root_user_ && !way.hide_mixed_cgroups;
  input.user_id = ::geteuid();
  input.group_id = ::getegid();
  // A user's namespace maps one id: root inside.
  input.container_user = root_user_ ? image.user : 0;
  input.container_group = root_user_ ? image.group : 0;
  return world_.files.write(bundle / "config.json", oci_config(input).dump(), 0600);
}

Result<Exit> OciRuntime::run_bundle(const Way& way, const Container& container, const Unpacked& image,
                                    const std::filesystem::path& root, bool read_only) {
  const std::filesystem::path bundle = settings_.folder / ("bundle-" + container.name);
  if (auto made = world_.files.make_directories(settings_.folder / "state"); !made) {
    return tl::unexpected(std::move(made.error()));
  }
  if (auto written = write_config(way, container, image, root, read_only, bundle); !written) {
    return tl::unexpected(std::move(written.error()));
  }
  ProcessRequest run = request(command(way, {"run", "--bundle", bundle.string(), container.name}));
  run.on_output = container.on_line;
  run.on_error_output = container.on_line;
  run.timeout = container.timeout;
  auto outcome = world_.processes.run(run);
  remove(way, container.name);
  static_cast<void>(world_.files.remove_all(bundle));
  if (!outcome) return tl::unexpected(std::move(outcome.error()));
  return Exit{outcome->exit_status, outcome->timed_out, outcome->cancelled, ""};
}

// After a normal end nothing is there to remove, and the runtime says so; that is no failure.
void OciRuntime::remove(const Way& way, const std::string& id) {
  ProcessRequest remove = request(command(way, {"delete", "--force", id}));
  remove.cancellation = nullptr;
  remove.timeout = std::chrono::seconds(20);
  static_cast<void>(world_.processes.run(remove));
}

Result<Exit> OciRuntime::run(const Container& container) {
  const Unpacked& image = images_.at(container.image->digest);
  // A copy that the container may write to; where the file system shares blocks it costs nothing.
  const std::filesystem::path root = settings_.folder / ("root-" + container.name);
  ProcessRequest copy = request({"cp", "-a", "--reflink=auto", "--", image.root.string(), root.string()});
  std::string said;
  copy.on_error_output = [&said](std::string_view line) { said = line; };
  auto copied = world_.processes.run(copy);
  if (!copied) return tl::unexpected(std::move(copied.error()));
  Result<Exit> exit = Exit{130, false, true, ""};
  if (copied->exit_status != 0 && !copied->cancelled) {
    exit = fail(ErrorKind::failed, "the image could not be copied for the container: " + said, "free some disk space");
  } else if (!copied->cancelled) {
    exit = run_bundle(*way_, container, image, root, false);
  }
  static_cast<void>(world_.files.remove_all(root));
  return exit;
}

}  // namespace liminal::run
