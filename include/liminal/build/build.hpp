// The build and push stages: images by content, made by the builder inside this program (oci) or by a Docker Engine.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "liminal/base/world.hpp"
#include "liminal/model/image_reference.hpp"
#include "liminal/model/model.hpp"
#include "liminal/report/run_report.hpp"

namespace liminal::build {

enum class Builder { automatic, docker, oci };

struct Options {
  Builder builder = Builder::automatic;
  std::filesystem::path output;              // OCI image layout; absolute (default: PROJECT/.liminal/images)
  std::filesystem::path cache;               // wheels, base layers; absolute
  std::string registry;                      // HOST/PREFIX put before names that have no registry; may be empty
  std::map<std::string, std::string> bases;  // --base NAME=REF: another reference, oci:DIR or rootfs:DIR
  std::vector<std::string> insecure_registries;
  std::vector<std::string> token_servers;  // hosts that may get a registry's password besides those of its own domain
  std::string docker_network;  // of what the Docker Engine runs: none, host, a name; empty: the engine's default
  bool no_cache = false;
};

struct Content;

// What building an image would do, known without building it.
struct ImagePlan {
  const model::System* system = nullptr;
  const model::Image* image = nullptr;
  Builder builder = Builder::oci;  // docker or oci
  model::ImageReference name;      // registry prefix applied; tag: the user's, or the content key when none was given
  std::string content_key;         // what it is made of, hashed; the same content has the same key
  std::string base;                // the base image's reference
  bool up_to_date = false;
  std::string reason;  // why it would be built (never built, source changed: train.py, base changed), or "unchanged"
  std::string digest;  // sha256:... of the manifest when up to date
  std::string platform = "linux/amd64";
  std::shared_ptr<const Content> content;  // what it is built from; empty when up to date
  std::vector<Diagnostic> findings;        // about its source: secret-in-source
};

struct BuiltImage {
  ImagePlan plan;
  std::string digest;      // of the manifest; for the Docker Engine's classic store the image id
  bool built = false;      // false: it was already there
  std::uint64_t size = 0;  // bytes of its layers
};

// The images that these systems build; a name that several systems declare is there once for each, and built once.
// Images without a source build nothing and are left out. One whose base cannot be reached now has no content key, and
// `reason` says so. Errors: what is wrong with an image whatever the network does.
[[nodiscard]] Result<std::vector<ImagePlan>> plan(const World& world, const std::vector<model::System>& systems,
                                                  const Options& options);

struct Built {
  std::vector<BuiltImage> images;  // those that are there now
  std::vector<Error> errors;       // one for each image that failed
  report::Stage stage;             // one case an image
};

// Builds what is not up to date, in parallel. One failure does not stop the others.
[[nodiscard]] Built build(const World& world, const std::vector<ImagePlan>& plans, const Options& options);

// Brings an image that is not built here, such as a task's `busybox:1.36`, to where this builder's images are. `plan`
// of the result names no system and no image of the model.
[[nodiscard]] Result<BuiltImage> fetch(const World& world, const std::string& reference, const Options& options);

// Sends images to their registries: only blobs that are not there, manifests last, tags after digests.
[[nodiscard]] Built push(const World& world, const std::vector<BuiltImage>& images, const Options& options);

}  // namespace liminal::build
