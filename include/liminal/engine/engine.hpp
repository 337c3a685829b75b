// Rendering for the engines that run pipelines: Airflow DAG files and Kubernetes objects, or Argo Workflows objects.
#pragma once

#include <compare>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "liminal/base/json.hpp"
#include "liminal/base/result.hpp"
#include "liminal/build/build.hpp"
#include "liminal/diagnostic/diagnostic.hpp"
#include "liminal/model/model.hpp"

namespace liminal::engine {

enum class Engine { airflow, argo };

// Of the Argo Workflows that reads the objects: 3.6 brought a list of schedules, 4.0 took the single one away.
struct ArgoVersion {
  unsigned release = 3;
  unsigned feature = 7;
  auto operator<=>(const ArgoVersion&) const = default;
};

struct Target {
  Engine engine = Engine::airflow;
  std::string namespace_name = "default";
  // The reference to put into objects for an image of the model: by digest once built or pushed.
  std::function<std::string(const model::System&, const model::Image&)> image_reference;
  std::string image_pull_secret;  // empty: none
  ArgoVersion argo_version;
  std::optional<model::Date> today;  // in UTC; none: what depends on it is not told
  bool only_findings = false;        // nothing is made, and nothing told of sizes
};

// An image that pods pull.
struct PulledImage {
  std::string reference;
  bool built = false;       // from the system's own source
  document::Origin origin;  // where a service or a task names it
};

// A secret that pods pull images with.
struct PullSecret {
  std::string namespace_name;  // of the pods
  std::string name;
  auto operator<=>(const PullSecret&) const = default;
};

// One object or file to be made on the target.
struct Artifact {
  enum class Kind { kubernetes_object, dag_file };
  Kind kind = Kind::kubernetes_object;
  std::string path;      // below the rendered folder: SYSTEM/kind-name.yaml, SYSTEM/dags/PIPELINE.py
  std::string api_kind;  // PersistentVolume, WorkflowTemplate, ...; "DAG" for a DAG file
  std::string name;
  Json object;          // of a Kubernetes object
  std::string content;  // what is written: YAML or Python, ending in a line end; the same for the same input
  const model::System* system = nullptr;
  document::Origin origin;  // the volume, service or pipeline that it is made of
  std::vector<PulledImage> images;
  std::vector<PullSecret> pull_secrets;  // of pods that a DAG's text describes; `object` names the others
};

struct Rendered {
  std::vector<Artifact> artifacts;   // in the order they are to be applied
  std::vector<Diagnostic> findings;  // what this engine cannot express, at its line
  std::vector<std::string> notes;    // such as a secret whose value has to be put in by `create`
};

// Renders systems for a target. A pure function of its input: no clock, no environment.
[[nodiscard]] Rendered render(std::span<const model::System> systems, const Target& target);

// Where the DAG file of a pipeline lies below the rendered folder.
[[nodiscard]] std::filesystem::path dag_path(const model::System& system, const model::Pipeline& pipeline);

// Kubernetes names: lower case letters, digits and dashes, at most `limit` bytes; a name that had to be cut or changed
// ends in a short hash of the original so that two never meet.
[[nodiscard]] std::string kubernetes_name(std::string_view name, std::size_t limit = 63);

// The name of a claim or secret, which the user may have made elsewhere: as it is written where Kubernetes takes it (a
// subdomain of RFC 1123), else kubernetes_name().
[[nodiscard]] std::string object_name(std::string_view name);

}  // namespace liminal::engine
