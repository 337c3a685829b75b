// Which cluster, and how it may be changed: taken alike by every command that speaks to one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "liminal/deploy/cluster.hpp"
#include "liminal/kube/client.hpp"

#include "session.hpp"

namespace liminal::cli {

// A cluster is written to only when it is named. The kubeconfig's current context counts as named when it is asked for
// as @current, and for development clusters on this machine.
struct ContextOptions {
  std::string context;
  std::string kubeconfig;

  void declare(CLI::App& app);
  [[nodiscard]] bool given() const { return !context.empty(); }
  // Errors (usage): no context is named, or there is none of that name.
  [[nodiscard]] Result<kube::Client> connect(const Session& session) const;
  // The same; empty when none is named and the kubeconfig has no current context.
  [[nodiscard]] Result<std::optional<kube::Client>> connect_if_any(const Session& session) const;
};

struct ChangeOptions {
  bool clean = false;
  bool no_wait = false;
  bool atomic = false;
  unsigned timeout = 300;  // seconds
  std::vector<std::string> delete_data;
  std::vector<std::string> adopt;

  void declare(CLI::App& app);
  [[nodiscard]] deploy::Options options() const;
};

}  // namespace liminal::cli
