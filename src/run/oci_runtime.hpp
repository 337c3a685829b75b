// crun and runc, straight on an image of the OCI layout: as root, and as an ordinary user in a user namespace.
//
// An image is unpacked once and stays as it is; each container sees it below a layer of its own (overlayfs), which is
// thrown away with the container. The mount is the container's alone, so that nothing stays mounted whatever happens.
#pragma once

#include <optional>

#include "liminal/base/process.hpp"
#include "liminal/build/image_layout.hpp"
#include "liminal/run/run.hpp"

#include "container_user.hpp"
#include "runtime.hpp"

namespace liminal::run {

// One way to call a runtime. `program` is crun or runc.
struct OciWay {
  std::string program;
  bool limits = false;              // it makes control groups
  bool hide_mixed_cgroups = false;  // crun refuses a machine with both versions of control groups, unless it sees one
};

class OciRuntime final : public Runtime {
 public:
  struct Settings {
    RuntimeChoice choice = RuntimeChoice::automatic;  // not docker
    std::filesystem::path layout;                     // of the images
    std::filesystem::path bundles;                    // unpacked images, kept
    std::filesystem::path folder;                     // of this run, for what lives as long as a container
    bool needs_limits = false;                        // some task has limits
  };

  OciRuntime(const World& world, Settings settings);
  OciRuntime(const OciRuntime&) = delete;
  OciRuntime& operator=(const OciRuntime&) = delete;
  ~OciRuntime() override;

  [[nodiscard]] std::string description() const override { return description_; }
  Status prepare(const build::BuiltImage& image) override;
  Result<Exit> run(const Container& container) override;

 private:
  struct Unpacked {
    std::filesystem::path root;
    build::ImageConfig config;
    ContainerUser user;
  };
  // How a container gets files of its own.
  enum class Storage { overlay, copy };

  Status unpack(const build::BuiltImage& image, const std::filesystem::path& root);
  Status choose(const Unpacked& image);
  [[nodiscard]] bool overlay_works(const OciWay& way, const Unpacked& image);
  Result<Exit> probe(const OciWay& way, const Unpacked& image, std::string& said);
  Status prepare_files(const Unpacked& image, const std::filesystem::path& bundle);
  Result<Exit> run_bundle(const OciWay& way, const Container& container, const Unpacked& image,
                          const std::filesystem::path& bundle, std::vector<PrivateMount> mounts, bool read_only);
  Status write_config(const OciWay& way, const Container& container, const Unpacked& image,
                      const std::filesystem::path& bundle, bool read_only);
  [[nodiscard]] std::vector<Bind> with_host_files(const Container& container, const Unpacked& image) const;
  [[nodiscard]] PrivateMount overlay_of(const Unpacked& image, const std::filesystem::path& bundle) const;

  const World& world_;
  Settings settings_;
  bool root_user_;
  std::map<std::string, Unpacked> images_;  // by digest
  std::optional<OciWay> way_;
  Storage storage_ = Storage::overlay;
  std::string description_;
};

// Ends and removes the containers of a run that was killed, and their files. `folder` is the run's.
Status remove_oci_containers(const World& world, const std::filesystem::path& folder);

}  // namespace liminal::run
