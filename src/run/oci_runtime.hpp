// crun and runc, straight on an image of the OCI layout: as root, and as an ordinary user in a user namespace.
#pragma once

#include <mutex>

#include "liminal/build/image_layout.hpp"
#include "liminal/run/run.hpp"

#include "runtime.hpp"

namespace liminal::run {

class OciRuntime final : public Runtime {
 public:
  struct Settings {
    RuntimeChoice choice = RuntimeChoice::automatic;  // not docker
    std::filesystem::path layout;                     // of the images
    std::filesystem::path bundles;                    // unpacked images, kept
    std::filesystem::path folder;                     // of this run, for what lives as long as a container
  };

  OciRuntime(const World& world, Settings settings);

  [[nodiscard]] std::string description() const override { return description_; }
  Status prepare(const build::BuiltImage& image) override;
  Result<Exit> run(const Container& container) override;

 private:
  // One way to call a runtime: crun as it is, crun where this machine's mixed cgroups are hidden from it, runc.
  struct Way {
    std::string program;
    bool hide_mixed_cgroups = false;
  };
  struct Unpacked {
    std::filesystem::path root;
    build::ImageConfig config;
    unsigned user = 0;
    unsigned group = 0;
  };

  Status choose(const Unpacked& image);
  [[nodiscard]] std::vector<Way> ways() const;
  [[nodiscard]] std::vector<std::string> command(const Way& way, const std::vector<std::string>& arguments) const;
  Result<Exit> run_bundle(const Way& way, const Container& container, const Unpacked& image,
                          const std::filesystem::path& root, bool read_only);
  Status write_config(const Way& way, const Container& container, const Unpacked& image,
                      const std::filesystem::path& root, bool read_only, const std::filesystem::path& bundle);
  [[nodiscard]] std::vector<Bind> with_host_files(const Container& container, const Unpacked& image) const;
  ProcessRequest request(std::vector<std::string> arguments) const;
  void remove(const Way& way, const std::string& id);

  const World& world_;
  Settings settings_;
  bool root_user_;
  std::map<std::string, Unpacked> images_;  // by digest
  std::optional<Way> way_;
  std::string description_;
};

}  // namespace liminal::run
