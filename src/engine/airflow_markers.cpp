// The start and the end of a pipeline, and the metrics they send.
#include <algorithm>

#include "airflow_context.hpp"

namespace liminal::engine::airflow {

namespace {

// A run is not lost to a metric that could not be sent; the log says so.
constexpr std::string_view put_metrics = R"(def put_metrics(pipeline, metrics):
    """Sends to CloudWatch, under the name of the pipeline."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    data = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": "ApplicationName", "Value": pipeline}],
            "Value": value,
            "Unit": unit,
        }
        for name, value, unit in metrics
    ]
    try:
        cloudwatch = AwsBaseHook(client_type="cloudwatch").get_conn()
        cloudwatch.put_metric_data(Namespace=METRICS_NAMESPACE, MetricData=data)
    except Exception:
        logging.getLogger(__name__).exception("The metrics %s were not sent", metrics)
)";

constexpr std::string_view report_start = R"(def report_start(ti):
    put_metrics(ti.dag_id, [("JobStarted", 1, "Count")])
)";

constexpr std::string_view report_end = R"(def report_end(ti, dag_run):
    """Sends what became of the run, and fails it with any of its tasks."""
    if hasattr(ti, "get_task_states"):  # Airflow 3
        states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id])[ti.run_id].items()
    else:
        states = [(one.task_id, one.state) for one in dag_run.get_task_instances()]
    failed = sorted({name for name, state in states if state in ("failed", "upstream_failed")})
    seconds = round((datetime.now(timezone.utc) - dag_run.start_date).total_seconds())
    put_metrics(
        ti.dag_id,
        [
            ("JobResult", 0 if failed else 1, "None"),
            ("JobDuration", seconds, "Seconds"),
        ],
    )
    if failed:
        raise RuntimeError("these tasks failed: " + ", ".join(failed))
)";

bool sends_metrics(const model::Pipeline& pipeline) {
  return std::find(pipeline.metrics_backends.begin(), pipeline.metrics_backends.end(), "cloudwatch") !=
         pipeline.metrics_backends.end();
}

}  // namespace

bool end_judges(const model::Pipeline& pipeline, const model::Task& task) {
  return task.type == model::TaskType::job_end && (pipeline.always_run || sends_metrics(pipeline));
}

TaskCode marker_task(Context& context, const model::Task& task) {
  const std::string variable = context.variable(task);
  const bool end = task.type == model::TaskType::job_end;
  if (!sends_metrics(context.pipeline)) {
    // The end waits for every task and fails with any of them, which fails the run.
    context.import_standard("empty", "EmptyOperator");
    return {context.statement(variable, python::call("EmptyOperator", {{"task_id", python::literal(task.name)},
                                                                       {"trigger_rule", context.trigger_rule(task)}})),
            variable, variable};
  }
  context.import_standard("python", "PythonOperator");
  context.imports.insert("import logging\n");
  const std::string space = context.pipeline.metrics_namespace.value_or(context.pipeline.name);
  context.functions[1] = "METRICS_NAMESPACE = " + python::literal(space) + "\n";
  context.functions[2] = put_metrics;
  context.functions[end ? 4 : 3] = end ? report_end : report_start;
  python::Arguments arguments{{"task_id", python::literal(task.name)},
                              {"python_callable", end ? "report_end" : "report_start"},
                              {"trigger_rule", end ? "\"all_done\"" : context.trigger_rule(task)}};
  if (end) arguments.emplace_back("retries", "0");
  return {context.statement(variable, python::call("PythonOperator", arguments)), variable, variable};
}

}  // namespace liminal::engine::airflow
