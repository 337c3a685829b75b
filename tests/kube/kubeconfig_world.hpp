// A World with real files and processes, and kubeconfig files in a folder of the test's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "liminal/base/base64.hpp"
#include "liminal/kube/kubeconfig.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_certificates.hpp"
#include "support/test_world.hpp"

namespace liminal::testing {

using Variables = std::map<std::string, std::string>;

class KubeconfigWorld {
 public:
  explicit KubeconfigWorld(Variables variables = {}) : environment(with_path(std::move(variables))) {}

  // One file, with a cluster, a user and a context `main` of these entries' members (flow style or indented by 4).
  [[nodiscard]] std::filesystem::path write_main(const std::string& cluster, const std::string& user) const {
    return folder.write("config",
                        "apiVersion: v1\nkind: Config\n"
                        "clusters:\n- name: c\n  cluster: " +
                            cluster + "\nusers:\n- name: u\n  user: " + user +
                            "\ncontexts:\n- name: main\n  context: {cluster: c, user: u, namespace: ns}\n");
  }
  [[nodiscard]] Result<kube::Kubeconfig> load(const std::filesystem::path& file) {
    kube::KubeconfigOptions options;
    options.file = file;
    options.on_warning = [this](std::string_view line) { warnings.emplace_back(line); };
    return kube::Kubeconfig::load(world, std::move(options));
  }
  [[nodiscard]] Result<kube::Connection> connect(const std::string& cluster, const std::string& user) {
    auto config = load(write_main(cluster, user));
    if (!config) return tl::unexpected(config.error());
    return config->connect("main");
  }
  // An executable script.
  [[nodiscard]] std::filesystem::path script(const std::string& name, const std::string& text) const {
    const auto path = folder.write(name, "#!/bin/sh\n" + text);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

  TemporaryFolder folder;
  Environment environment;
  TestWorld parts;
  NativeProcessRunner processes{"/usr/bin:/bin"};
  std::vector<std::string> warnings;
  World world{parts.files, processes, parts.http, parts.clock, environment, parts.progress, parts.cancellation, 1};

 private:
  static Variables with_path(Variables variables) {
    variables.emplace("PATH", "/usr/bin:/bin");
    return variables;
  }
};

}  // namespace liminal::testing
