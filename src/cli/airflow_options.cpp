#include "airflow_options.hpp"

#include <fmt/format.h>

#include "local_airflow.hpp"

namespace liminal::cli {

namespace {

Result<AirflowServer> sign_in(const Session& session, const airflow::Server& server, std::filesystem::path dags) {
  auto client = airflow::Client::connect(session.world(), server);
  if (!client) return tl::unexpected(std::move(client.error()));
  return AirflowServer{std::move(*client), server.url, std::move(dags)};
}

// Empty: none runs here.
Result<std::optional<AirflowServer>> local_server(const Session& session) {
  auto local = local_airflow(session);
  if (!local) return tl::unexpected(std::move(local.error()));
  const auto found = local->find();
  if (!found) return tl::unexpected(found.error());
  if (!*found || !(*found)->running) return std::optional<AirflowServer>();
  const auto server = local->server();
  if (!server) return tl::unexpected(server.error());
  return sign_in(session, *server, (*found)->dags);
}

}  // namespace

void AirflowOptions::declare(CLI::App& app) {
  app.add_option("--airflow", url,
                 "Address of Airflow's page (default: the Airflow that `liminal start` started); who signs in is in "
                 "LIMINAL_AIRFLOW_USERNAME and LIMINAL_AIRFLOW_PASSWORD, or LIMINAL_AIRFLOW_TOKEN")
      ->type_name("URL")
      ->envname("LIMINAL_AIRFLOW");
  app.add_flag("--insecure-airflow", insecure, "Let the password go over plain HTTP to another machine");
}

Result<AirflowServer> AirflowOptions::connect(const Session& session) const {
  auto server = connect_if_any(session);
  if (!server) return tl::unexpected(std::move(server.error()));
  if (!*server) {
    return fail(ErrorKind::usage, "no Airflow is named, and none runs here",
                "name one: --airflow URL; start one: liminal start -d; or run the pipeline here: --local");
  }
  return std::move(**server);
}

Result<std::optional<AirflowServer>> AirflowOptions::connect_if_any(const Session& session) const {
  if (url.empty()) return local_server(session);
  const Environment& environment = session.machine().environment;
  airflow::Server server;
  server.url = url;
  server.insecure = insecure;
  server.login = {environment.get("LIMINAL_AIRFLOW_USERNAME").value_or(""),
                  environment.get("LIMINAL_AIRFLOW_PASSWORD").value_or(""),
                  environment.get("LIMINAL_AIRFLOW_TOKEN").value_or("")};
  if (server.login.token.empty() && (server.login.username.empty() || server.login.password.empty())) {
    return fail(ErrorKind::usage, fmt::format("nobody is named to sign in to {}", url),
                "set LIMINAL_AIRFLOW_USERNAME and LIMINAL_AIRFLOW_PASSWORD, or LIMINAL_AIRFLOW_TOKEN");
  }
  return sign_in(session, server, {});
}

}  // namespace liminal::cli
