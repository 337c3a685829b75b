// What the entries of a kubeconfig say: clusters and users. Mistakes go to the `mistake` of the fields that are read.
#pragma once

#include "liminal/kube/kubeconfig.hpp"

#include "credentials.hpp"
#include "kubeconfig_file.hpp"

namespace liminal::kube {

struct Cluster {
  std::string server;
  TlsOptions tls;
  std::string proxy;
  Json exec_info;  // as exec plug-ins are told of it
};
[[nodiscard]] Cluster read_cluster(const FileSystem& files, const Fields& fields);

struct User {
  std::shared_ptr<Credentials> credentials;  // null: anonymous
  std::vector<std::pair<std::string, std::string>> impersonation;
};
[[nodiscard]] User read_user(const FileSystem& files, const Fields& fields, const Cluster& cluster);

}  // namespace liminal::kube
