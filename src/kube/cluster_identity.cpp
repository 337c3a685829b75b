#include "liminal/kube/cluster_identity.hpp"

#include <fmt/format.h>

namespace liminal::kube {

namespace {

constexpr const char* home = "kube-system";

std::string uid_of(const Json& body) {
  const Json::json_pointer place("/metadata/uid");
  if (!body.is_object() || !body.contains(place) || !body[place].is_string()) return {};
  return body[place].get<std::string>();
}

std::string name_of(const Connection& connection) {
  return connection.context.empty() ? connection.server
                                    : fmt::format("context {} ({})", connection.context, connection.server);
}

}  // namespace

Result<std::string> cluster_uid(Client& client) {
  Call call;
  call.target = {find_resource_type("v1", "Namespace"), "", home};
  call.metadata_only = true;
  auto answer = client.call(call);
  if (!answer) return tl::unexpected(std::move(answer.error()));
  if (answer->code == 403) {
    Error error = refusal("get", call.target, *answer);
    error.advice =
        fmt::format("ask for the right to get the namespace {}: its UID tells one cluster from another", home);
    return tl::unexpected(std::move(error));
  }
  if (!answer->ok() && !answer->not_found()) return tl::unexpected(refusal("get", call.target, *answer));
  std::string uid = answer->ok() ? uid_of(answer->body) : std::string();
  if (uid.empty()) {
    return fail(ErrorKind::unavailable,
                fmt::format("{} has no namespace {} with a UID", name_of(client.connection()), home),
                "its UID tells one cluster from another: look whether this is a Kubernetes API server");
  }
  return uid;
}

Status check_cluster(Client& client, const std::string& uid, std::string_view pinned_by) {
  auto found = cluster_uid(client);
  if (!found)
    return tl::unexpected(
        std::move(found.error())
            .wrap(fmt::format("{} names a cluster, and which one this is cannot be found out", pinned_by)));
  if (*found == uid) return {};
  return fail(ErrorKind::usage,
              fmt::format("{} is another cluster than {} names: its UID is {}, and not {}",
                          name_of(client.connection()), pinned_by, *found, uid),
              fmt::format("correct the context or the kubeconfig; `kubectl --context NAME get namespace {} -o "
                          "jsonpath={{.metadata.uid}}` tells the UID of a cluster",
                          home));
}

}  // namespace liminal::kube
