#include "liminal/model/airflow_names.hpp"

#include <algorithm>
#include <array>

namespace liminal::model {

namespace {

// Not here: `exception`, `reason` and `try_number`, which callbacks alone see, and `templates_dict`, which Airflow puts
// in when the templates are rendered already.
constexpr auto of_both = std::to_array<std::string_view>({"conn",
                                                          "dag",
                                                          "dag_run",
                                                          "data_interval_end",
                                                          "data_interval_start",
                                                          "ds",
                                                          "ds_nodash",
                                                          "expanded_ti_count",
                                                          "inlet_events",
                                                          "inlets",
                                                          "logical_date",
                                                          "macros",
                                                          "map_index_template",
                                                          "outlet_events",
                                                          "outlets",
                                                          "params",
                                                          "prev_data_interval_end_success",
                                                          "prev_data_interval_start_success",
                                                          "prev_end_date_success",
                                                          "prev_start_date_success",
                                                          "run_id",
                                                          "task",
                                                          "task_instance",
                                                          "task_instance_key_str",
                                                          "ti",
                                                          "ts",
                                                          "ts_nodash",
                                                          "ts_nodash_with_tz",
                                                          "var"});

// `test_mode` is in the reference of 3, which does not give it all the same.
constexpr auto of_one = std::to_array<std::string_view>(
    {"conf", "execution_date", "next_ds", "next_ds_nodash", "next_execution_date", "prev_ds", "prev_ds_nodash",
     "prev_execution_date", "prev_execution_date_success", "test_mode", "tomorrow_ds", "tomorrow_ds_nodash",
     "triggering_asset_events", "triggering_dataset_events", "yesterday_ds", "yesterday_ds_nodash"});

template <class Names>
bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool is_airflow_name(std::string_view name) {
  return has(of_both, name) || has(of_one, name);
}

bool is_of_every_airflow(std::string_view name) {
  return has(of_both, name);
}

}  // namespace liminal::model
