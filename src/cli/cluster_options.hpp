// Which cluster, and how it may be changed: taken alike by every command that speaks to one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "liminal/deploy/cluster.hpp"
#include "liminal/kube/client.hpp"

#include "session.hpp"

namespace liminal::cli {

// A cluster is written to only when it is named. The kubeconfig's current context counts as named when it is asked for
// as @current, and for development clusters on this machine.
struct ContextOptions {
  static constexpr std::string_view current = "@current";  // the kubeconfig's current context
  static constexpr std::string_view own_cluster = "@pod";  // of the pod that this runs in

  std::string context;
  std::string kubeconfig;
  std::string cluster_uid;  // the only cluster that may be meant, by its kube-system's UID

  void declare(CLI::App& app);
  [[nodiscard]] bool given() const { return !context.empty(); }
  // The cluster is the one that is pinned, or there is no client. Errors (usage): no context is named, there is none of
  // that name, or it leads to another cluster than the pin; (unavailable): which cluster it is cannot be found out.
  [[nodiscard]] Result<kube::Client> connect(const Session& session) const;
  // The same; empty when none is named and the kubeconfig, where none is typed, has no current context.
  [[nodiscard]] Result<std::optional<kube::Client>> connect_if_any(const Session& session) const;

  // For a command that goes on without a cluster where no context is given. Error (usage): there is none, but a
  // kubeconfig or a UID is typed, so that a cluster is meant.
  [[nodiscard]] Status check_without(const Session& session) const;

 private:
  [[nodiscard]] Result<std::optional<kube::Connection>> find_connection(const Session& session) const;
};

// Systems by name, where nothing but their names would be read of the files.
void declare_deployed_systems(CLI::App& app, std::vector<std::string>& names);

struct ChangeOptions {
  bool clean = false;
  bool no_wait = false;
  bool atomic = false;
  unsigned timeout = 300;  // seconds
  std::vector<std::string> delete_data;
  std::vector<std::string> adopt;

  bool no_check_images = false;

  void declare(CLI::App& app);
  // Where images are referred to.
  void declare_image_check(CLI::App& app);
  [[nodiscard]] deploy::Options options() const;
};

}  // namespace liminal::cli
