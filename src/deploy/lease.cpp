#include "lease.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include "liminal/base/thread.hpp"

namespace liminal::deploy {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds duration{15};
constexpr milliseconds poll{500};
constexpr std::string_view process_annotation = "liminal/process";

// A MicroTime.
std::string now_text(const World& world) {
  const auto now = world.clock.now();
  const auto whole = std::chrono::floor<seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}000Z", whole,
                     std::chrono::duration_cast<milliseconds>(now - whole).count());
}

// When a process began, in ticks since the machine started: with its number it names one process for good.
std::string start_of(const FileSystem& files, const std::string& pid) {
  const auto stat = files.read("/proc/" + pid + "/stat", 1U << 16);
  if (!stat) return {};
  // The command's name, in brackets, may hold anything; the start is the 20th field after it.
  std::size_t at = stat->rfind(')');
  for (int field = 0; field < 20 && at != std::string::npos; ++field) at = stat->find(' ', at + 1);
  if (at == std::string::npos) return {};
  return stat->substr(at + 1, stat->find(' ', at + 1) - at - 1);
}

// BOOT/PID-NAMESPACE/PID/START: this process among all of all machines.
std::string machine_of(const FileSystem& files) {
  const auto boot = files.read("/proc/sys/kernel/random/boot_id", 1U << 10);
  const auto space = files.read_link("/proc/self/ns/pid");
  if (!boot || !space) return {};
  return boot->substr(0, boot->find('\n')) + "/" + *space;
}

std::string this_process(const FileSystem& files) {
  const std::string machine = machine_of(files);
  const std::string pid = std::to_string(getpid());
  return machine.empty() ? std::string() : machine + "/" + pid + "/" + start_of(files, pid);
}

// Certain only of a process of this machine and its processes' namespace.
bool is_gone(const FileSystem& files, const std::string& process) {
  const std::string machine = machine_of(files);
  if (machine.empty() || !process.starts_with(machine + "/")) return false;
  const std::string rest = process.substr(machine.size() + 1);
  const std::size_t slash = rest.find('/');
  if (slash == std::string::npos) return false;
  const std::string pid = rest.substr(0, slash);
  if (pid.empty() || pid.find_first_not_of("0123456789") != std::string::npos) return false;
  const std::string start = start_of(files, pid);
  if (!start.empty()) return start != rest.substr(slash + 1);
  // Other users' processes may be hidden (hidepid).
  const auto number = static_cast<pid_t>(std::strtol(pid.c_str(), nullptr, 10));
  return ::kill(number, 0) != 0 && errno == ESRCH;
}

std::string holder_text(const Author& author) {
  std::string text = author.who + "@" + author.host;
  if (!author.commit.empty()) text += ", commit " + author.commit.substr(0, 10);
  if (!author.run.empty()) text += ", " + author.run;
  return text;
}

Json spec_of(const World& world, const std::string& holder, const Json& before) {
  const Json* transitions = find_member(before, {"spec", "leaseTransitions"});
  const std::string now = now_text(world);
  return {{"holderIdentity", holder},
          {"leaseDurationSeconds", duration.count()},
          {"acquireTime", now},
          {"renewTime", now},
          {"leaseTransitions",
           (transitions != nullptr && transitions->is_number_integer() ? transitions->get<int>() : 0) + 1}};
}

// Waits for a lease that another holds.
class Attempt {
 public:
  Attempt(const World& world, kube::Client& client, const DesiredSet& set, const Author& author)
      : world_(world),
        client_(client),
        set_(set),
        holder_(holder_text(author)),
        reference_{kube::find_resource_type("coordination.k8s.io/v1", "Lease"), set.namespace_name, set.parent_name()} {
  }

  [[nodiscard]] const kube::Reference& reference() const { return reference_; }

  Result<Json> take(seconds patience) {
    const auto started = world_.clock.monotonic();
    const std::string item = "deploy " + set_name(set_);
    for (;;) {
      auto tried = try_once();
      if (!tried) return tl::unexpected(std::move(tried.error()));
      if (*tried) return std::move(**tried);
      if (world_.cancellation.requested())
        return fail(ErrorKind::interrupted, "stopped while waiting for another deploy");
      if (world_.clock.monotonic() - started > patience) {
        return fail(ErrorKind::failed,
                    fmt::format("another deploy of {} goes on: {}, since {}", set_name(set_), current_holder_, since_),
                    "wait for it to end, or give it more time with --timeout");
      }
      world_.progress.step(item, "waits for the deploy of " + current_holder_);
      world_.clock.sleep_for(poll);
    }
  }

 private:
  // Empty: another holds it.
  Result<std::optional<Json>> try_once() {
    kube::Call get;
    get.target = reference_;
    auto found = client_.call(get);
    if (!found) return tl::unexpected(std::move(found.error()));
    if (found->not_found()) return write(kube::Verb::create, Json::object());
    if (!found->ok()) return tl::unexpected(kube::refusal("get", reference_, *found));
    if (!is_free(found->body)) return std::optional<Json>();
    return write(kube::Verb::replace, found->body);
  }

  // Another's times are not compared with this machine's clock: what counts is how long nothing was seen to change.
  bool is_free(const Json& lease) {
    current_holder_ = text_at(lease, {"spec", "holderIdentity"});
    since_ = text_at(lease, {"spec", "acquireTime"});
    if (current_holder_.empty() || is_gone(world_.files, annotation_of(lease, process_annotation))) return true;
    const std::string version = text_at(lease, {"metadata", "resourceVersion"});
    const auto now = world_.clock.monotonic();
    if (version != seen_version_) {
      seen_version_ = version;
      seen_at_ = now;
    }
    const Json* lasts = find_member(lease, {"spec", "leaseDurationSeconds"});
    const seconds limit = lasts != nullptr && lasts->is_number_integer() ? seconds(lasts->get<int>()) : duration;
    return now - seen_at_ > limit;
  }

  Result<std::optional<Json>> write(kube::Verb verb, const Json& before) {
    kube::Call call;
    call.verb = verb;
    call.target = reference_;
    call.query["fieldManager"] = kube::field_manager;
    Json metadata = {{"name", reference_.name},
                     {"namespace", reference_.namespace_name},
                     {"labels", {{"app.kubernetes.io/managed-by", "liminal"}}},
                     {"annotations",
                      {{std::string(process_annotation), this_process(world_.files)},
                       {std::string(set_annotation), set_name(set_)}}}};
    const std::string version = text_at(before, {"metadata", "resourceVersion"});
    if (!version.empty()) metadata["resourceVersion"] = version;
    call.body = {{"apiVersion", "coordination.k8s.io/v1"},
                 {"kind", "Lease"},
                 {"metadata", std::move(metadata)},
                 {"spec", spec_of(world_, holder_, before)}};
    auto answer = client_.call(call);
    if (!answer) return tl::unexpected(std::move(answer.error()));
    if (answer->code == 409) return std::optional<Json>();  // another was quicker
    if (!answer->ok()) return tl::unexpected(kube::refusal("write", reference_, *answer));
    return std::optional<Json>(std::move(answer->body));
  }

  const World& world_;
  kube::Client& client_;
  const DesiredSet& set_;
  std::string holder_;
  kube::Reference reference_;
  std::string current_holder_;
  std::string since_;
  std::string seen_version_;
  Clock::Monotonic seen_at_;
};

}  // namespace

Result<std::unique_ptr<Lease>> Lease::take(const World& world, kube::Client& client, const DesiredSet& set,
                                           const Author& author, seconds patience) {
  Attempt attempt(world, client, set, author);
  auto object = attempt.take(patience);
  if (!object) return tl::unexpected(std::move(object.error()));
  return std::unique_ptr<Lease>(new Lease(world, client, attempt.reference(), *std::move(object)));
}

Lease::Lease(const World& world, kube::Client& client, kube::Reference reference, Json object)
    : world_(world),
      client_(client),
      reference_(std::move(reference)),
      object_(std::move(object)),
      renewed_at_(world.clock.monotonic()),
      renewer_(start_thread([this] { keep_renewing(); })) {}

Lease::~Lease() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stopping_.notify_all();
  renewer_.reset();  // joins
  const std::lock_guard lock(mutex_);
  if (lost_) return;
  Json spec = object_["spec"];
  spec["holderIdentity"] = "";
  static_cast<void>(put(spec));  // if it fails, the lease runs out
}

tl::unexpected<Error> Lease::lose() {
  lost_ = true;
  return fail(ErrorKind::failed, "another deploy took over: nothing more is written by this one",
              "run the command again");
}

// A PUT whose answer did not come may have been carried out: then the version that it named is no more.
Status Lease::put(const Json& spec) {
  constexpr unsigned attempts = 3;
  for (unsigned attempt = 0; attempt < attempts; ++attempt) {
    const auto began = world_.clock.monotonic();
    kube::Call call;
    call.verb = kube::Verb::replace;
    call.target = reference_;
    call.query["fieldManager"] = kube::field_manager;
    call.body = object_;
    call.body["spec"] = spec;
    call.body["metadata"].erase("managedFields");
    auto answer = client_.call(call);
    if (!answer) return tl::unexpected(std::move(answer.error()));
    if (answer->not_found()) return lose();
    if (answer->ok()) {
      object_ = std::move(answer->body);
      renewed_at_ = began;
      return {};
    }
    if (answer->code != 409) return tl::unexpected(kube::refusal("write", reference_, *answer));
    kube::Call get;
    get.target = reference_;
    auto now = client_.call(get);
    if (!now) return tl::unexpected(std::move(now.error()));
    const std::string process = annotation_of(object_, process_annotation);
    if (!now->ok() || process.empty() || annotation_of(now->body, process_annotation) != process) return lose();
    object_ = std::move(now->body);
    if (object_["spec"] != spec) continue;
    renewed_at_ = began;
    return {};
  }
  return lose();
}

Status Lease::renew() {
  const std::lock_guard lock(mutex_);
  return renew_locked();
}

Status Lease::renew_locked() {
  if (lost_) return lose();
  Json spec = object_["spec"];
  spec["renewTime"] = now_text(world_);
  return put(spec);
}

Status Lease::check() {
  if (!lost_ && world_.clock.monotonic() - renewed_at_.load() < duration) return {};
  return renew();
}

void Lease::keep_renewing() {
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, duration / 3, [this] { return stopped_; })) {
    if (lost_) return;
    static_cast<void>(renew_locked());  // a failure that passes is tried again; one that does not is found by check()
  }
}

}  // namespace liminal::deploy
