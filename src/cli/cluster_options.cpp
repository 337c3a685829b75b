#include "cluster_options.hpp"

#include <fmt/format.h>

#include "liminal/base/checkout.hpp"
#include "liminal/kube/cluster_identity.hpp"
#include "liminal/kube/kubeconfig.hpp"

#include "usage_error.hpp"

namespace liminal::cli {

namespace {

constexpr auto current = ContextOptions::current;
constexpr auto own_cluster = ContextOptions::own_cluster;

Result<kube::Connection> pod_connection(const Session& session) {
  auto found = kube::in_cluster(session.world());
  if (!found) return tl::unexpected(std::move(found.error()));
  if (!*found)
    return fail(ErrorKind::usage, "--context @pod: this does not run in a pod", "name a context of the kubeconfig");
  return std::move(**found);
}

CLI::Validator is_uid() {
  return {[](std::string& value) -> std::string {
            const bool sound = !value.empty() && value.size() <= 63 &&
                               value.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
            return sound ? "" : "it takes what kubectl get namespace kube-system -o jsonpath={.metadata.uid} prints";
          },
          ""};
}

tl::unexpected<Error> no_cluster() {
  return fail(ErrorKind::usage, "no cluster is named, and the kubeconfig has no current context",
              "give --context NAME");
}

// Empty: none is named, and there is no current one.
Result<std::optional<kube::Connection>> named_connection(const Session& session, const kube::Kubeconfig& config,
                                                         const std::string& context) {
  if (!context.empty() && context != current) return config.connect(context);
  const auto now = config.current_context();
  if (!now && context == current)
    return fail(ErrorKind::usage, "--context @current: the kubeconfig has no current context",
                "name one: --context NAME");
  if (!now) return std::optional<kube::Connection>();
  auto connection = config.connect(*now);
  if (!connection || context == current) return connection;
  if (!kube::is_development_cluster(*connection)) {
    return fail(
        ErrorKind::usage,
        fmt::format("no cluster is named; the current context, {}, is not a development cluster of this machine", *now),
        fmt::format("if it is the one, say so: --context {} (or --context @current)", *now));
  }
  session.err().line(fmt::format("uses the current context, {}, a development cluster at {}", *now, connection->server),
                     report::Style::dim);
  return connection;
}

}  // namespace

void declare_deployed_systems(CLI::App& app, std::vector<std::string>& names) {
  app.add_option("--system", names, "A system by its `name` (repeatable): no file is read, not even a broken one")
      ->type_name("NAME")
      ->allow_extra_args(false);
}

void ContextOptions::declare(CLI::App& app) {
  app.add_option("--context", context, "Context of the kubeconfig: the cluster; @current, or @pod inside a cluster")
      ->type_name("NAME")
      ->envname("LIMINAL_CONTEXT");
  app.add_option("--kubeconfig", kubeconfig, "kubeconfig file (default: those of KUBECONFIG, then ~/.kube/config)")
      ->type_name("FILE");
  app.add_option("--cluster-uid", cluster_uid,
                 "UID of the cluster's namespace kube-system: no other cluster is read or written")
      ->type_name("UID")
      ->check(is_uid())
      ->envname("LIMINAL_CLUSTER_UID");
}

Result<kube::Client> ContextOptions::connect(const Session& session) const {
  auto client = connect_if_any(session);
  if (!client) return tl::unexpected(std::move(client.error()));
  if (!*client) return no_cluster();
  return std::move(**client);
}

Result<std::optional<kube::Client>> ContextOptions::connect_if_any(const Session& session) const {
  auto connection = find_connection(session);
  if (!connection) return tl::unexpected(std::move(connection.error()));
  if (!*connection) {
    if (!check_without(session)) return no_cluster();
    return std::optional<kube::Client>();
  }
  std::optional<kube::Client> client(kube::Client(session.world(), std::move(**connection)));
  if (!cluster_uid.empty()) {
    if (auto same = kube::check_cluster(*client, cluster_uid, "--cluster-uid"); !same)
      return tl::unexpected(std::move(same.error()));
  }
  return client;
}

Status ContextOptions::check_without(const Session& session) const {
  if (given()) return {};
  for (const char* option : {"--kubeconfig", "--cluster-uid"}) {
    if (session.typed(option))
      return fail(ErrorKind::usage, fmt::format("{} is given, and no context, so no cluster is named", option),
                  "give --context NAME, or --context @current for the current one of the kubeconfig");
  }
  return {};
}

Result<std::optional<kube::Connection>> ContextOptions::find_connection(const Session& session) const {
  if (context == own_cluster) return pod_connection(session);
  kube::KubeconfigOptions options;
  if (!kubeconfig.empty()) options.file = session.absolute(kubeconfig);
  const auto folder = session.absolute(".");
  options.checkout = find_checkout(session.world().files, folder).value_or(folder);
  options.on_warning = [&](std::string_view text) {
    session.err().line(fmt::format("warning: {}", text), report::Style::warning);
  };
  auto config = kube::Kubeconfig::load(session.world(), std::move(options));
  if (!config) return tl::unexpected(std::move(config.error()));
  return named_connection(session, *config, context);
}

namespace {

CLI::Validator kind_and_name() {
  return {[](std::string& value) -> std::string {
            const std::size_t slash = value.find('/');
            const bool whole = slash != std::string::npos && slash > 0 && slash + 1 < value.size() &&
                               value.find('/', slash + 1) == std::string::npos;
            return whole ? "" : fmt::format("it takes KIND/NAME, such as configmap/settings; not {}", value);
          },
          ""};
}

}  // namespace

void ChangeOptions::declare(CLI::App& app) {
  app.add_flag("--clean", clean, "Make everything anew but volumes and their data");
  app.add_option("--delete-data", delete_data, "Volume or claim that may be deleted with what is in it; repeatable")
      ->type_name("NAME");
  app.add_option("--adopt", adopt, "Object of others to take over, such as configmap/settings; repeatable")
      ->type_name("KIND/NAME")
      ->check(kind_and_name());
  app.add_option("--timeout", timeout, "Seconds to wait for another deploy, and for what was deployed to be ready")
      ->check(between(1, 86400))
      ->type_name("SECONDS");
  app.add_flag("--no-wait", no_wait, "Do not wait until what was deployed is ready");
  app.add_flag("--atomic", atomic, "Undo a deploy that fails");
}

void ChangeOptions::declare_image_check(CLI::App& app) {
  app.add_flag("--no-check-images", no_check_images, "Do not look whether images are in their registries");
}

deploy::Options ChangeOptions::options() const {
  deploy::Options options;
  options.clean = clean;
  options.wait = !no_wait;
  options.atomic = atomic;
  options.timeout = std::chrono::seconds(timeout);
  options.delete_data.insert(delete_data.begin(), delete_data.end());
  options.adopt.insert(adopt.begin(), adopt.end());
  return options;
}

}  // namespace liminal::cli
