#include "content.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/base/gzip.hpp"
#include "liminal/base/sha256.hpp"
#include "liminal/model/ignore_rules.hpp"

#include "base_image.hpp"
#include "pip_configuration.hpp"
#include "python_server.hpp"
#include "requirements.hpp"

namespace liminal::build {

namespace {

namespace fs = std::filesystem;

// Raised when the bytes that a builder makes of the same content change.
constexpr const char* layers_version = "liminal 1";
constexpr const char* default_python = "3.12";

Result<SourceTree> read_source(const World& world, const fs::path& folder, const Options& options) {
  auto dockerignore = model::read_dockerignore(world.files, folder);
  if (!dockerignore) return tl::unexpected(std::move(dockerignore.error()));
  const model::IgnoreRules ignore(*dockerignore);
  return scan_and_hash(world, folder,
                       {[&](std::string_view path) { return ignore.ignores(path); }, true, !ignore.only_excludes()},
                       options.cache / "sources" / sha256_hex(folder.string() + '\0' + *dockerignore));
}

StagedFile to_staged(const SourceFile& file, const fs::path& folder) {
  StagedFile staged;
  staged.path = file.path;
  staged.mode = file.mode;
  switch (file.kind) {
    case SourceFile::Kind::directory:
      staged.kind = StagedFile::Kind::directory;
      break;
    case SourceFile::Kind::link:
      staged.kind = StagedFile::Kind::link;
      staged.target = file.content;
      break;
    case SourceFile::Kind::file:
      staged.size = file.size;
      staged.from = folder / file.path;
      break;
  }
  return staged;
}

std::string hash_of(const StagedImage& staged) {
  Sha256 hash;
  const auto add = [&](std::string_view text) {
    hash.update(text);
    hash.update(std::string_view("\0", 1));
  };
  for (const std::string& word : staged.command) add(word);
  for (const std::string& variable : staged.environment) add(variable);
  add(staged.working_directory);
  add(staged.as_root ? "root" : "");
  for (const StagedFile& file : staged.server) {
    add(file.path);
    add(file.content.value_or(""));
  }
  return hash.hex();
}

// In an engine pip may build from source, and reads what it likes of the source, whose hash is in the key anyway.
Result<std::string> pip_configuration(const World& world, const StagedImage& staged) {
  if (staged.pip_conf.empty()) return std::string();
  return read_pip_configuration(world, staged.pip_conf);
}

}  // namespace

std::string ContentKey::text() const {
  return sha256_hex(
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n", builder, platform, base, configuration, requirements, source));
}

Result<std::string> base_of(const model::Image& image) {
  if (image.base) return *image.base;
  if (image.type == model::ImageType::spark) {
    return fail(ErrorKind::usage, fmt::format("the image {} of type spark names no base image", image.name),
                "write `base:` with an image that has Spark: Apache Liminal's own was withdrawn by its publisher");
  }
  return fmt::format("python:{}-slim", image.python_version.empty() ? default_python : image.python_version);
}

Result<Content> read_content(const World& world, const model::Image& image, Builder builder, const Options& options) {
  if (image.type == model::ImageType::other) {
    return fail(ErrorKind::usage, fmt::format("images of type {} are not known", image.type_name),
                "types: python, python_server, spark");
  }
  Content content;
  content.source_folder = image.source_folder;
  StagedImage& staged = content.staged;
  auto base = base_of(image);
  if (!base) return tl::unexpected(std::move(base.error()));
  staged.base = *std::move(base);
  auto source = read_source(world, image.source_folder, options);
  if (!source) return tl::unexpected(std::move(source.error()));
  content.source = *std::move(source);
  for (const SourceFile& file : content.source.files) {
    if (file.path != "requirements.txt") continue;
    if (file.kind == SourceFile::Kind::link) {
      return fail(ErrorKind::usage,
                  fmt::format("{} is a link, and what it names would not be installed",
                              (image.source_folder / file.path).string()),
                  "write `-r FILE` into a requirements.txt instead, or put the file itself there");
    }
    if (file.kind == SourceFile::Kind::file) staged.requirements = file.path;
  }
  staged.pip_conf = image.pip_conf_file;
  staged.as_root = image.type == model::ImageType::spark;
  staged.no_cache = image.no_cache;
  if (image.type == model::ImageType::python_server) {
    staged.server = python_server_files(image);
    staged.command = python_server_command();
  }

  content.key.builder = builder == Builder::docker ? fmt::format("docker {}", layers_version)
                                                   : fmt::format("oci {} {}", layers_version, compressor_id());
  content.key.platform = fmt::format("linux/{}", host_architecture());
  content.key.configuration = hash_of(staged);
  if (!staged.requirements.empty()) {
    auto text = builder == Builder::docker
                    ? pip_configuration(world, staged)
                    : requirements_text(world, {image.source_folder, staged.requirements, staged.pip_conf});
    if (!text) return tl::unexpected(std::move(text.error()));
    content.key.requirements = sha256_hex(*text);
  }
  content.key.source = content.source.hash;
  return content;
}

StagedImage staged_with_source(const Content& content) {
  StagedImage staged = content.staged;
  staged.files.reserve(content.source.files.size());
  for (const SourceFile& file : content.source.files) staged.files.push_back(to_staged(file, content.source_folder));
  return staged;
}

}  // namespace liminal::build
