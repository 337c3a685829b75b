// The kinds of credentials that a kubeconfig knows.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "liminal/base/json.hpp"
#include "liminal/kube/kubeconfig.hpp"

namespace liminal::kube {

// What is the same for as long as the file is: a token, a user name with its password, a certificate.
[[nodiscard]] std::shared_ptr<Credentials> fixed_credentials(Credentials::Proof proof);

// A token that others write anew now and then, as a pod's is. `rest` is what comes with it; its own authorization
// counts when the file cannot be read.
[[nodiscard]] std::shared_ptr<Credentials> token_file_credentials(std::filesystem::path file, Credentials::Proof rest);

// A program that is asked
// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
struct ExecPlugin {
  std::string place;  // FILE:LINE:COLUMN of its entry
  std::string api_version;
  std::string command;  // a name looked up in PATH, or a path
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;  // besides this process's own
  std::string install_hint;
  bool needs_person = false;  // interactiveMode: Always
  Json cluster;               // for KUBERNETES_EXEC_INFO; null: it is not told
};
[[nodiscard]] std::shared_ptr<Credentials> exec_credentials(ExecPlugin plugin, Credentials::Proof rest);

}  // namespace liminal::kube
