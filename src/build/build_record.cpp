#include "build_record.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "liminal/base/json.hpp"
#include "liminal/base/sha256.hpp"

namespace liminal::build {

namespace {

constexpr std::size_t paths_named = 3;

struct Part {
  const char* name;
  std::string ContentKey::*member;
};
constexpr std::array<Part, 6> parts{{{"builder", &ContentKey::builder},
                                     {"platform", &ContentKey::platform},
                                     {"base", &ContentKey::base},
                                     {"configuration", &ContentKey::configuration},
                                     {"requirements", &ContentKey::requirements},
                                     {"source", &ContentKey::source}}};

// Images of one name in several layouts are several images.
std::filesystem::path record_path(const Options& options, const std::string& name) {
  return options.cache / "builds" / sha256_hex(options.output.string() + '\0' + name);
}

}  // namespace

std::optional<BuildRecord> read_build_record(const World& world, const Options& options, const std::string& name) {
  const auto path = record_path(options, name);
  if (!world.files.info(path)) return std::nullopt;
  const auto text = world.files.read(path);
  if (!text) return std::nullopt;
  const auto line = text->find('\n');
  if (line == std::string::npos) return std::nullopt;
  const Json json = Json::parse(text->substr(0, line), nullptr, false);
  BuildRecord record;
  for (const Part& part : parts) {
    if (!json.is_object() || !json.contains(part.name) || !json[part.name].is_string()) return std::nullopt;
    record.key.*part.member = json[part.name].get<std::string>();
  }
  record.source = from_state(std::string_view(*text).substr(line + 1));
  return record;
}

void write_build_record(const World& world, const Options& options, const std::string& name,
                        const BuildRecord& record) {
  Json json = Json::object();
  for (const Part& part : parts) json[part.name] = record.key.*part.member;
  static_cast<void>(world.files.write(record_path(options, name), json.dump() + "\n" + to_state(record.source)));
}

std::string reason_to_build(const std::optional<BuildRecord>& before, const ContentKey& key, const SourceTree& source) {
  if (!before) return "never built here";
  if (before->key.base != key.base) return "base changed";
  if (before->key.requirements != key.requirements) return "requirements changed";
  if (before->key.configuration != key.configuration) return "configuration changed";
  if (before->key.source != key.source) {
    auto paths = changed_paths(before->source, source, paths_named + 1);
    const bool more = paths.size() > paths_named;
    if (more) paths.resize(paths_named);
    if (paths.empty()) return "source changed";
    return fmt::format("source changed: {}{}", fmt::join(paths, ", "), more ? ", ..." : "");
  }
  if (before->key.builder != key.builder || before->key.platform != key.platform)
    return "built by another version or builder";
  return "the image is gone";
}

}  // namespace liminal::build
