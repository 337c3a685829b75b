#include "liminal/kube/kubeconfig.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "liminal/base/checkout.hpp"
#include "liminal/base/edit_distance.hpp"
#include "liminal/base/http_url.hpp"

#include "kubeconfig_entries.hpp"
#include "kubeconfig_file.hpp"

namespace liminal::kube {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t names_shown = 10;

struct Entry {
  std::string name;
  std::shared_ptr<const KubeconfigFile> file;
  const document::Node* value = nullptr;  // of `cluster`, `user` or `context`
};

struct Found {
  fs::path path;
  bool must_be_there = false;
};

// KUBECONFIG's files in their order, or the one in the home folder.
Result<std::vector<Found>> find_files(const World& world, const KubeconfigOptions& options) {
  if (options.file) return std::vector<Found>{{*options.file, true}};
  std::vector<Found> found;
  std::string list = world.environment.get("KUBECONFIG").value_or("");
  for (std::size_t start = 0; start < list.size();) {
    const std::size_t end = std::min(list.find(':', start), list.size());
    if (end > start) found.push_back({list.substr(start, end - start), false});
    start = end + 1;
  }
  if (!list.empty()) return found;
  const std::string home = world.environment.get("HOME").value_or("");
  if (home.empty()) return found;
  const fs::path path = fs::path(home) / ".kube/config";
  const bool there = world.files.info_following_links(path).has_value();
  if (there && !options.checkout.empty() && lies_beneath(options.checkout, path)) {
    return fail(ErrorKind::usage, fmt::format("{} lies inside the repository and is not used", path.string()),
                "name it with --kubeconfig or in KUBECONFIG if it is really yours");
  }
  found.push_back({path, false});
  return found;
}

// The entries of one section that no file before had. Two of one name in one file are a mistake.
void add_entries(std::vector<Entry>& entries, const std::shared_ptr<const KubeconfigFile>& file, const Fields& root,
                 std::string_view section, std::string_view member) {
  std::vector<std::string> here;
  for (const Fields& entry : root.mappings(section)) {
    std::string name = entry.text("name");
    if (std::find(here.begin(), here.end(), name) != here.end()) {
      return entry.refuse("name", fmt::format("a second entry of `{}` has this name", section), "take one of them out");
    }
    here.push_back(name);
    const bool known = std::any_of(entries.begin(), entries.end(), [&](const Entry& e) { return e.name == name; });
    if (!known) entries.push_back({std::move(name), file, entry.node(member)});
  }
}

const Entry* find_entry(const std::vector<Entry>& entries, std::string_view name) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

// The nearest name first.
std::string list_names(const std::vector<Entry>& entries, std::string_view wanted) {
  std::vector<std::string_view> names;
  names.reserve(entries.size());
  for (const Entry& entry : entries) names.emplace_back(entry.name);
  if (const auto near = nearest(wanted, names)) {
    std::stable_partition(names.begin(), names.end(), [&](std::string_view name) { return name == *near; });
  }
  const std::size_t more = names.size() - std::min(names.size(), names_shown);
  names.resize(names.size() - more);
  return fmt::format("{}{}", fmt::join(names, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

}  // namespace

struct Kubeconfig::Data {
  Data(const World& outside, KubeconfigOptions chosen) : world(outside), options(std::move(chosen)) {}

  const World world;
  const KubeconfigOptions options;
  std::vector<fs::path> paths;
  std::vector<Entry> clusters;
  std::vector<Entry> users;
  std::vector<Entry> contexts;
  std::string current_context;

  Status add(const std::shared_ptr<const KubeconfigFile>& file);
  [[nodiscard]] tl::unexpected<Error> no_context(std::string_view wanted) const;
  void warn(const Connection& connection, bool has_credentials) const;
};

Status Kubeconfig::Data::add(const std::shared_ptr<const KubeconfigFile>& file) {
  std::optional<Error> mistake;
  const Fields root(*file, file->root(), mistake);
  if (const std::string kind = root.text("kind"); !kind.empty() && kind != "Config") {
    root.refuse("kind", "this is no kubeconfig: its `kind` is not Config",
                "name another file in --kubeconfig or KUBECONFIG");
  }
  add_entries(clusters, file, root, "clusters", "cluster");
  add_entries(users, file, root, "users", "user");
  add_entries(contexts, file, root, "contexts", "context");
  const std::string current = root.text("current-context");
  if (current_context.empty()) current_context = current;
  paths.push_back(file->path());
  if (mistake) return tl::unexpected(std::move(*mistake));
  return {};
}

tl::unexpected<Error> Kubeconfig::Data::no_context(std::string_view wanted) const {
  if (paths.empty()) {
    return fail(ErrorKind::usage, fmt::format("there is no context {}, because there is no kubeconfig", wanted),
                "name one with --kubeconfig or in KUBECONFIG");
  }
  std::vector<std::string> read_from;
  for (const fs::path& path : paths) read_from.push_back(path.string());
  const std::string where = fmt::format("{}", fmt::join(read_from, ", "));
  if (contexts.empty()) {
    return fail(ErrorKind::usage, fmt::format("there is no context {}", wanted),
                fmt::format("{} has no contexts; name another file with --kubeconfig or in KUBECONFIG", where));
  }
  return fail(ErrorKind::usage, fmt::format("there is no context {}", wanted),
              fmt::format("{} has {}", where, list_names(contexts, wanted)));
}

void Kubeconfig::Data::warn(const Connection& connection, bool has_credentials) const {
  if (!options.on_warning) return;
  if (connection.server.starts_with("http:")) {
    const auto url = HttpUrl::parse(connection.server);
    if (url && kind_of_host(url->host) == HostKind::loopback) return;
    options.on_warning(
        fmt::format("the cluster {} is spoken to without TLS: what it sends and gets can be read and changed "
                    "on the way{}",
                    connection.cluster, has_credentials ? "; no credentials are sent" : ""));
  } else if (!connection.tls.verify) {
    options.on_warning(
        fmt::format("the certificate of the cluster {} is not checked (insecure-skip-tls-verify): what it "
                    "sends and gets can be read and changed on the way",
                    connection.cluster));
  }
}

Result<Kubeconfig> Kubeconfig::load(const World& world, KubeconfigOptions options) {
  auto files = find_files(world, options);
  if (!files) return tl::unexpected(std::move(files.error()));
  auto data = std::make_shared<Data>(world, std::move(options));
  for (const Found& found : *files) {
    if (!found.must_be_there && !world.files.info_following_links(found.path)) continue;
    auto file = KubeconfigFile::read(world.files, found.path);
    if (!file) return tl::unexpected(std::move(file.error()));
    if (auto added = data->add(*file); !added) return tl::unexpected(std::move(added.error()));
  }
  Kubeconfig config;
  config.data_ = std::move(data);
  return config;
}

std::optional<std::string> Kubeconfig::current_context() const {
  if (data_->current_context.empty()) return std::nullopt;
  return data_->current_context;
}

std::vector<std::string> Kubeconfig::contexts() const {
  std::vector<std::string> names;
  for (const Entry& entry : data_->contexts) names.push_back(entry.name);
  return names;
}

const std::vector<fs::path>& Kubeconfig::files() const {
  return data_->paths;
}

Result<Connection> Kubeconfig::connect(std::string_view context) const {
  const Entry* entry = find_entry(data_->contexts, context);
  if (entry == nullptr) return data_->no_context(context);
  std::optional<Error> mistake;
  const Fields fields(*entry->file, entry->value, mistake);
  Connection connection;
  connection.context = context;
  connection.cluster = fields.text("cluster");
  connection.namespace_name = fields.text("namespace");
  if (connection.namespace_name.empty()) connection.namespace_name = "default";

  const auto look_up = [&](const std::vector<Entry>& entries, const std::string& name, std::string_view kind) {
    const Entry* found = find_entry(entries, name);
    if (found == nullptr) {
      fields.refuse(kind, fmt::format("the context {} names the {} {}, which is not there", context, kind, name),
                    entries.empty() ? std::string("correct the context")
                                    : fmt::format("there are {}", list_names(entries, name)));
    }
    return found;
  };
  if (connection.cluster.empty()) {
    fields.refuse("cluster", fmt::format("the context {} names no cluster", context), "name one in `cluster`");
  }
  const Entry* cluster_entry = look_up(data_->clusters, connection.cluster, "cluster");
  Cluster cluster;
  if (cluster_entry != nullptr) {
    const Fields cluster_fields(*cluster_entry->file, cluster_entry->value, mistake);
    cluster = read_cluster(data_->world.files, cluster_fields);
  }
  User user;
  if (const std::string name = fields.text("user"); !name.empty()) {
    if (const Entry* user_entry = look_up(data_->users, name, "user")) {
      const Fields user_fields(*user_entry->file, user_entry->value, mistake);
      user = read_user(data_->world.files, user_fields, cluster);
    }
  }
  if (mistake) return tl::unexpected(std::move(*mistake));
  connection.server = std::move(cluster.server);
  connection.tls = std::move(cluster.tls);
  connection.proxy = std::move(cluster.proxy);
  connection.impersonation = std::move(user.impersonation);
  // As with kubectl, nobody's credentials go over a connection that anyone may read.
  if (connection.server.starts_with("https:")) connection.credentials = user.credentials;
  data_->warn(connection, user.credentials != nullptr);
  return connection;
}

}  // namespace liminal::kube
