#include "option_trust.hpp"

#include <algorithm>
#include <array>

namespace liminal::cli {

namespace {

// Refused are those that choose a cluster, credentials or what is applied (context, kubeconfig, plan), say to whom a
// password may go (token-server), or take a guard down (insecure-registry, docker-network, adopt, clean, delete-data,
// push); and every option that nobody has thought about yet.
constexpr std::array<std::string_view, 6> inside{"dags", "out", "output", "path", "render", "report"};
constexpr std::array<std::string_view, 37> anything{"airflow-by",
                                                    "argo-version",
                                                    "airflow-version",
                                                    "atomic",
                                                    "base",
                                                    "builder",
                                                    "cluster-uid",
                                                    "color",
                                                    "date",
                                                    "detach",
                                                    "dry-run",
                                                    "engine",
                                                    "exclude",
                                                    "exit-code",
                                                    "fail-on",
                                                    "follow",
                                                    "format",
                                                    "image-pull-secret",
                                                    "jobs",
                                                    "local",
                                                    "namespace",
                                                    "no-cache",
                                                    "no-check-files",
                                                    "no-check-images",
                                                    "no-wait",
                                                    "param",
                                                    "port",
                                                    "quiet",
                                                    "registry",
                                                    "resume",
                                                    "runtime",
                                                    "set",
                                                    "tail",
                                                    "task",
                                                    "timeout",
                                                    "to",
                                                    "verbose"};

bool holds(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Trust trust_in_found(std::string_view option) {
  if (holds(inside, option)) return Trust::inside;
  return holds(anything, option) ? Trust::anything : Trust::refused;
}

}  // namespace liminal::cli
