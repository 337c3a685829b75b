// Services: a Deployment that changes its image without a refused request, and the Service before it.
#include <fmt/format.h>

#include "container_text.hpp"
#include "kubernetes_models.hpp"
#include "kubernetes_objects.hpp"
#include "pulled_images.hpp"

namespace liminal::engine {

namespace {

// Where the server of every python_server image listens (build/python_server.py).
constexpr unsigned server_port = 80;
// A pod that is to end serves on until no one sends to it any more: what balances the load learns of it a moment late.
constexpr unsigned seconds_to_be_forgotten = 5;
// For those 5 seconds and the requests that are under way then.
constexpr unsigned seconds_to_end = 35;

Json metadata(const model::System& system, std::string_view name, const Target& target) {
  return {{"name", name}, {"namespace", target.namespace_name}, {"labels", object_labels(system, name)}};
}

Json selector(const model::System& system, std::string_view name) {
  return {{"app.kubernetes.io/name", name}, {"app.kubernetes.io/part-of", kubernetes_name(system.name)}};
}

// An open port is all that every server has: a path may need a body.
Json probe(unsigned period, unsigned failures) {
  return {{"tcpSocket", {{"port", "http"}}}, {"periodSeconds", period}, {"failureThreshold", failures}};
}

Json container_of(const model::System& system, const model::Service& service, const Target& target, Json mounts,
                  std::vector<ValueFault>& faults) {
  const model::Image* image = system.find_image(service.image);
  // Of an image from elsewhere, the service's port is all that is known.
  const unsigned port = image != nullptr ? server_port : service.port;
  Json container = {{"name", "server"},
                    {"image", image_text(system, service.image, target)},
                    {"imagePullPolicy", "IfNotPresent"},
                    {"ports", Json::array({{{"name", "http"}, {"containerPort", port}, {"protocol", "TCP"}}})}};
  Json environment = Json::array();
  for (const model::EnvironmentVariable& variable : service.environment)
    environment.push_back({{"name", variable.name}, {"value", container_text(variable.text)}});
  if (!environment.empty()) container["env"] = std::move(environment);
  const document::Value* resources = service.value == nullptr ? nullptr : service.value->find("resources");
  if (resources != nullptr && !resources->is_null())
    container["resources"] = kubernetes_json(*resources, "V1ResourceRequirements", faults);
  // A server that imports for minutes is not killed for it.
  container["startupProbe"] = probe(2, 150);
  container["readinessProbe"] = probe(5, 3);
  container["livenessProbe"] = probe(10, 6);
  Json before_stop = Json::array({"sleep", std::to_string(seconds_to_be_forgotten)});
  // Ours asks its clients meanwhile to keep no connection, so that none is cut under a request.
  if (image != nullptr)
    before_stop = Json::array({"sh", "-c", fmt::format("kill -USR1 1; sleep {}", seconds_to_be_forgotten)});
  container["lifecycle"] = {{"preStop", {{"exec", {{"command", std::move(before_stop)}}}}}};
  if (!mounts.empty()) container["volumeMounts"] = std::move(mounts);
  return container;
}

}  // namespace

Json deployment(const model::System& system, const model::Service& service, const Target& target,
                std::vector<ValueFault>& faults) {
  const std::string name = kubernetes_name(service.name);
  PodVolumes volumes = pod_volumes(system, service.mounts, service.secrets);
  Json container = container_of(system, service, target, std::move(volumes.mounts), faults);
  Json pod = {{"containers", Json::array({std::move(container)})}, {"terminationGracePeriodSeconds", seconds_to_end}};
  if (!target.image_pull_secret.empty()) pod["imagePullSecrets"] = Json::array({{{"name", target.image_pull_secret}}});
  if (!volumes.volumes.empty()) pod["volumes"] = std::move(volumes.volumes);
  Json meta = metadata(system, name, target);
  if (!service.description.empty()) meta["annotations"] = {{"kubernetes.io/description", service.description}};
  return {{"apiVersion", "apps/v1"},
          {"kind", "Deployment"},
          {"metadata", std::move(meta)},
          {"spec",
           {{"replicas", service.replicas},
            {"selector", {{"matchLabels", selector(system, name)}}},
            {"strategy", {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxSurge", 1}, {"maxUnavailable", 0}}}}},
            {"template", {{"metadata", {{"labels", object_labels(system, name)}}}, {"spec", std::move(pod)}}}}}};
}

Json service_object(const model::System& system, const model::Service& service, const Target& target) {
  const std::string name = kubernetes_name(service.name);
  return {{"apiVersion", "v1"},
          {"kind", "Service"},
          {"metadata", metadata(system, name, target)},
          {"spec",
           {{"ports",
             Json::array({{{"name", "http"}, {"port", service.port}, {"protocol", "TCP"}, {"targetPort", "http"}}})},
            {"selector", selector(system, name)}}}};
}

}  // namespace liminal::engine
