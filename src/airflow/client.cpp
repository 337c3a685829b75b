#include "liminal/airflow/client.hpp"

#include <fmt/format.h>

#include "connection.hpp"

namespace liminal::airflow {

namespace {

constexpr unsigned page_size = 100;       // what an Airflow that was not told otherwise gives at most
constexpr std::size_t most_items = 5000;  // of a list: more is no repository's

bool flag_at(const Json& object, std::string_view member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

Dag to_dag(const Json& object) {
  Dag dag{text_at(object, "dag_id"),
          text_at(object, "fileloc"),
          flag_at(object, "is_paused"),
          flag_at(object, "has_import_errors"),
          {},
          text_at(object, "last_parsed_time")};
  for (const Json& tag : list_at(object, "tags")) dag.tags.push_back(text_at(tag, "name"));
  return dag;
}

}  // namespace

Client::Client(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<Client> Client::connect(const World& world, const Server& server) {
  auto connection = std::make_unique<Connection>(world, server);
  if (auto opened = connection->open(); !opened) return tl::unexpected(std::move(opened.error()));
  return Client(std::move(connection));
}

const ServerVersion& Client::version() const {
  return connection_->version();
}

Result<std::vector<ImportError>> Client::import_errors() const {
  std::vector<ImportError> errors;
  while (errors.size() < most_items) {
    const auto page = connection_->get(fmt::format("/importErrors?limit={}&offset={}", page_size, errors.size()),
                                       "list the DAG files that cannot be imported");
    if (!page) return tl::unexpected(page.error());
    const auto items = list_at(*page, "import_errors");
    for (const Json& item : items) errors.push_back({text_at(item, "filename"), whole_text_at(item, "stack_trace")});
    if (items.size() < page_size) break;
  }
  return errors;
}

Result<std::vector<Dag>> Client::dags() const {
  std::vector<Dag> dags;
  while (dags.size() < most_items) {
    const auto page = connection_->get(fmt::format("/dags?limit={}&offset={}&order_by=dag_id", page_size, dags.size()),
                                       "list its DAGs");
    if (!page) return tl::unexpected(page.error());
    const auto items = list_at(*page, "dags");
    for (const Json& item : items) dags.push_back(to_dag(item));
    if (items.size() < page_size) break;
  }
  return dags;
}

Result<std::optional<Dag>> Client::find_dag(const std::string& dag) const {
  const std::string doing = fmt::format("look at the DAG {}", dag);
  auto response = connection_->send("GET", path_of(dag), nullptr, Connection::Repeat::safe);
  if (!response) return tl::unexpected(std::move(response.error()).wrap(fmt::format("Airflow could not {}", doing)));
  if (response->status == 404) return std::optional<Dag>();
  const auto body = connection_->read(doing, *response);
  if (!body) return tl::unexpected(body.error());
  // Its file has gone: what is left is its history.
  const bool gone = flag_at(*body, "is_stale") || (body->contains("is_active") && !flag_at(*body, "is_active"));
  return gone ? std::optional<Dag>() : std::optional(to_dag(*body));
}

Status Client::set_paused(const std::string& dag, bool paused) const {
  const auto changed = connection_->change("PATCH", path_of(dag) + "?update_mask=is_paused", {{"is_paused", paused}},
                                           fmt::format("{} the DAG {}", paused ? "pause" : "unpause", dag));
  if (!changed) return tl::unexpected(changed.error());
  return {};
}

}  // namespace liminal::airflow
