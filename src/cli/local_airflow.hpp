// What the commands about the local Airflow share: start, stop, status and logs.
#pragma once

#include "liminal/airflow/local_airflow.hpp"

#include "session.hpp"

namespace liminal::cli {

// That of $LIMINAL_HOME. Errors (usage): there is no such folder to be named.
[[nodiscard]] Result<airflow::Local> local_airflow(const Session& session);

// Where it is, how to sign in, and what to type next.
void print_local_airflow(report::Terminal& out, const airflow::LocalAirflow& airflow);

}  // namespace liminal::cli
