#include "claim_namespaces.hpp"

#include <set>

#include <fmt/format.h>

#include "findings.hpp"
#include "pulled_images.hpp"

namespace liminal::engine {

namespace {

class ClaimCheck {
 public:
  ClaimCheck(const model::System& system, std::vector<Diagnostic>& findings) : system_(system), findings_(findings) {}

  void check(const std::vector<model::Mount>& mounts, const std::string& pod_namespace, const std::string& who) {
    for (const model::Mount& mount : mounts) {
      const model::Volume* volume = system_.find_volume(mount.volume);
      // Of one without a folder no claim is made.
      if (volume == nullptr || !volume->local_path || volume->namespace_name.empty()) continue;
      if (volume->namespace_name != pod_namespace && told_.insert(volume).second) tell(*volume, pod_namespace, who);
    }
  }

 private:
  void tell(const model::Volume& volume, const std::string& pod_namespace, const std::string& who) {
    findings_.push_back(cannot_express(
        model::locate(volume.value, "namespace"), fmt::format("volumes[{}].namespace", volume.name),
        volume.namespace_name,
        fmt::format("the claim of volume `{}` is made in the namespace `{}`, and {}, which mounts it, runs in `{}`",
                    volume.name, volume.namespace_name, who, pod_namespace),
        fmt::format("leave `namespace` out, or let the pods run in `{}` (`--namespace`)", volume.namespace_name),
        Severity::warning));
  }

  const model::System& system_;
  std::vector<Diagnostic>& findings_;
  std::set<const model::Volume*> told_;
};

}  // namespace

void check_claim_namespaces(const model::System& system, const Target& target, std::vector<Diagnostic>& findings) {
  ClaimCheck claims(system, findings);
  for (const model::Service& service : system.services)
    claims.check(service.mounts, target.namespace_name, fmt::format("service `{}`", service.name));
  for (const model::Pipeline& pipeline : system.pipelines) {
    for (const model::Task& task : pipeline.tasks) {
      if (const auto where = pod_namespace(task, system.find_executor(task.executor), target))
        claims.check(task.mounts, *where, fmt::format("task `{}`", task.name));
    }
  }
}

}  // namespace liminal::engine
