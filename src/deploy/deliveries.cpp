#include "deliveries.hpp"

#include "liminal/base/json.hpp"

#include "safe_path.hpp"

namespace liminal::deploy {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t limit = 64ULL << 20;

}  // namespace

Result<Deliveries> read_deliveries(const FileSystem& files, const fs::path& folder) {
  const fs::path path = folder / deliveries_name;
  Deliveries deliveries;
  if (auto links = refuse_links(files, folder, deliveries_name); !links) return tl::unexpected(links.error());
  if (!files.info(path)) return deliveries;
  const auto text = files.read(path, limit);
  if (!text) return tl::unexpected(text.error());
  try {
    const Json list = Json::parse(*text);
    for (const Json& file : list.at("files")) {
      const auto name = file.at("path").get<std::string>();
      // Whatever the list says, it names nothing outside of the folder.
      if (!stays_below(name)) continue;
      deliveries[name] = {{file.at("repository").get<std::string>(), file.at("system").get<std::string>()},
                          file.at("dag").get<std::string>(),
                          file.at("sha256").get<std::string>()};
    }
  } catch (const Json::exception&) {
    return fail(ErrorKind::usage, path.string() + " is not a list of delivered DAG files",
                "remove it; DAG files that lie there stay until you remove them, and are then nobody's");
  }
  return deliveries;
}

Status write_deliveries(FileSystem& files, const fs::path& folder, const Deliveries& deliveries) {
  Json list = Json::array();
  for (const auto& [path, file] : deliveries) {
    list.push_back({{"path", path},
                    {"repository", file.owner.repository},
                    {"system", file.owner.system},
                    {"dag", file.dag},
                    {"sha256", file.digest}});
  }
  const Json object = {{"schema", 1}, {"files", std::move(list)}};
  const std::string text = object.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
  const fs::path path = folder / deliveries_name;
  if (files.info(path)) {
    const auto old = files.read(path, limit);
    if (old && *old == text) return {};
  }
  return files.write(path, text);
}

}  // namespace liminal::deploy
