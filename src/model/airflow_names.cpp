#include "liminal/model/airflow_names.hpp"

#include <algorithm>
#include <array>

namespace liminal::model {

namespace {

constexpr std::array<std::string_view, 43> names{
    "ds", "ds_nodash", "ts", "ts_nodash", "ts_nodash_with_tz", "logical_date", "data_interval_start",
    "data_interval_end", "prev_data_interval_start_success", "prev_data_interval_end_success",
    "prev_start_date_success", "prev_end_date_success", "dag", "dag_run", "run_id", "task", "task_instance", "ti",
    "task_instance_key_str", "params", "var", "conn", "macros", "inlets", "outlets", "inlet_events", "outlet_events",
    "expanded_ti_count", "templates_dict",
    // Of Airflow 2 alone.
    "yesterday_ds", "yesterday_ds_nodash", "tomorrow_ds", "tomorrow_ds_nodash", "execution_date", "next_execution_date",
    "next_ds", "next_ds_nodash", "prev_execution_date_success", "prev_ds", "prev_ds_nodash", "prev_execution_date",
    "conf", "test_mode"};

}  // namespace

bool is_airflow_name(std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace liminal::model
