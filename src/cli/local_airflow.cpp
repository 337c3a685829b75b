#include "local_airflow.hpp"

#include <fmt/format.h>

namespace liminal::cli {

using report::Style;

Result<airflow::Local> local_airflow(const Session& session) {
  auto home = airflow::liminal_home(session.machine().environment);
  if (!home) return tl::unexpected(std::move(home.error()));
  return airflow::Local(session.world(), std::move(*home));
}

void print_local_airflow(report::Terminal& out, const airflow::LocalAirflow& airflow) {
  const auto line = [&](std::string_view name, const std::string& value) {
    out.print(fmt::format("  {:<10}", name), Style::dim);
    out.line(value);
  };
  line("page", airflow.url);
  line("sign in", fmt::format("{}, with the password in {}", airflow.username, airflow.password_file.string()));
  line("DAG files", airflow.dags.string());
  line("log", airflow.log.string());
  line("run by", std::string(airflow::to_string(airflow.source)));
}

}  // namespace liminal::cli
