#include "secret_files.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace liminal::build {

namespace {

constexpr std::array<std::string_view, 13> names = {
    ".env",   ".netrc", "_netrc",   ".pypirc",    ".pgpass",  ".git-credentials", "kubeconfig", "credentials.json",
    "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".htpasswd"};
constexpr std::array<std::string_view, 3> places = {".aws/credentials", ".docker/config.json", ".kube/config"};
constexpr std::array<std::string_view, 3> key_stores = {".p12", ".pfx", ".kdbx"};
constexpr std::array<std::string_view, 5> examples = {".example", ".sample", ".template", ".dist", ".defaults"};

constexpr std::size_t most_told = 3;

bool ends_with_one_of(std::string_view text, const auto& endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return text.ends_with(ending); });
}

bool is_place(std::string_view path, std::string_view place) {
  return path.ends_with(place) && (path.size() == place.size() || path[path.size() - place.size() - 1] == '/');
}

}  // namespace

bool usually_holds_secrets(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is the beginning
  if (std::find(names.begin(), names.end(), name) != names.end()) return true;
  if (name.starts_with(".env.")) return !ends_with_one_of(name, examples);
  if (ends_with_one_of(name, key_stores)) return true;
  return std::any_of(places.begin(), places.end(), [&](std::string_view place) { return is_place(path, place); });
}

std::vector<Diagnostic> secrets_packed(const model::System& system, const model::Image& image,
                                       const SourceTree& source) {
  // As the paths of the source are: there are thousands of those.
  std::vector<std::string> of_system;
  for (const model::Secret& secret : system.secrets)
    of_system.push_back(secret.file.lexically_relative(image.source_folder).generic_string());
  std::vector<std::string_view> found;
  for (const SourceFile& file : source.files) {
    if (file.kind == SourceFile::Kind::directory) continue;
    const bool known = std::find(of_system.begin(), of_system.end(), file.path) != of_system.end();
    if (known || usually_holds_secrets(file.path)) found.emplace_back(file.path);
  }
  if (found.empty()) return {};
  std::string list;
  for (std::size_t i = 0; i < std::min(found.size(), most_told); ++i)
    list += fmt::format("{}`{}`", i == 0 ? "" : ", ", found[i]);
  if (found.size() > most_told) list += fmt::format(" and {} more", found.size() - most_told);

  Diagnostic finding =
      document::finding_at("secret-in-source", model::locate(image.value, "source"),
                           fmt::format("images[{}].source", image.name), std::string(found.front()),
                           fmt::format("the image `{}` would carry {}, which {} secrets as a rule", image.name, list,
                                       found.size() == 1 ? "holds" : "hold"),
                           fmt::format("write {} into `{}/.dockerignore`, or move {} out of the source",
                                       found.size() == 1 ? fmt::format("`{}`", found.front()) : std::string("them"),
                                       image.source.value_or("."), found.size() == 1 ? "it" : "them"));
  finding.severity = Severity::warning;
  return {finding};
}

}  // namespace liminal::build
