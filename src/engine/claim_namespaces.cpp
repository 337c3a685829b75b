#include "claim_namespaces.hpp"

#include <set>

#include <fmt/format.h>

#include "findings.hpp"
#include "pulled_images.hpp"

namespace liminal::engine {

namespace {

// What a task or service mounts, and the namespace of its pods.
struct Pods {
  const std::vector<model::Mount>& mounts;
  const std::vector<model::SecretMount>& secrets;
  std::string namespace_name;
  std::string who;  // task `train`
};

class ClaimCheck {
 public:
  ClaimCheck(const model::System& system, const Target& target, std::vector<Diagnostic>& findings)
      : system_(system), target_(target), findings_(findings) {}

  void check(const Pods& pods) {
    for (const model::Mount& mount : pods.mounts) {
      const model::Volume* volume = system_.find_volume(mount.volume);
      // Of one without a folder no claim is made.
      if (volume == nullptr || !volume->local_path) continue;
      const std::string& made_in = volume->namespace_name.empty() ? target_.namespace_name : volume->namespace_name;
      if (made_in != pods.namespace_name && told_.insert(volume).second) tell(*volume, made_in, pods);
    }
    for (const model::SecretMount& mount : pods.secrets) {
      const model::Secret* secret = system_.find_secret(mount.secret);
      if (secret == nullptr || pods.namespace_name == target_.namespace_name) continue;
      if (told_.insert(secret).second) tell(*secret, pods);
    }
  }

 private:
  void tell(const model::Volume& volume, const std::string& made_in, const Pods& pods) {
    const bool said = !volume.namespace_name.empty();
    report(model::locate(volume.value, said ? "namespace" : "volume"),
           fmt::format("volumes[{}]{}", volume.name, said ? ".namespace" : ""), said ? made_in : volume.name,
           fmt::format("the claim of volume `{}` is made in the namespace `{}`, and {}, which mounts it, runs in `{}`",
                       volume.name, made_in, pods.who, pods.namespace_name),
           said ? fmt::format("leave `namespace` out, or let the pods run in `{}` (`--namespace`)", made_in)
                : fmt::format("give the volume `namespace: {}`, or let the pods run in `{}`", pods.namespace_name,
                              made_in));
  }

  void tell(const model::Secret& secret, const Pods& pods) {
    report(model::locate(secret.value, "secret"), fmt::format("secrets[{}]", secret.name), secret.name,
           fmt::format("secret `{}` is made in the namespace `{}`, and {}, which mounts it, runs in `{}`", secret.name,
                       target_.namespace_name, pods.who, pods.namespace_name),
           fmt::format("make a secret of this name there, too, or let the pods run in `{}`", target_.namespace_name));
  }

  void report(document::Origin origin, std::string path, std::string value, std::string message, std::string help) {
    findings_.push_back(cannot_express(origin, std::move(path), std::move(value), std::move(message), std::move(help),
                                       Severity::warning));
  }

  const model::System& system_;
  const Target& target_;
  std::vector<Diagnostic>& findings_;
  std::set<const void*> told_;
};

}  // namespace

void check_claim_namespaces(const model::System& system, const Target& target, std::vector<Diagnostic>& findings) {
  ClaimCheck claims(system, target, findings);
  for (const model::Service& service : system.services)
    claims.check({service.mounts, service.secrets, target.namespace_name, fmt::format("service `{}`", service.name)});
  for (const model::Pipeline& pipeline : system.pipelines) {
    for (const model::Task& task : pipeline.tasks) {
      if (const auto where = pod_namespace(task, system.find_executor(task.executor), target))
        claims.check({task.mounts, task.secrets, *where, fmt::format("task `{}`", task.name)});
    }
  }
}

}  // namespace liminal::engine
