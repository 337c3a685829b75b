"""Run with the Python of a real Airflow: prints what that Airflow makes of the DAG files in the given folders."""

import datetime
import json
import sys
import types

from kubernetes.client import ApiClient

try:  # Airflow 3
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk.definitions.context import Context
    from airflow.sdk.execution_time import macros

    KNOWN_NAMES = set(Context.__annotations__)
except ImportError:  # Airflow 2
    from airflow import macros
    from airflow.models.dagbag import DagBag
    from airflow.utils.context import KNOWN_CONTEXT_KEYS as KNOWN_NAMES
try:
    from airflow.serialization.serialized_objects import DagSerialization as Serialization
except ImportError:
    from airflow.serialization.serialized_objects import SerializedDAG as Serialization
import jinja2.meta

NOW = datetime.datetime(2026, 3, 4, 5, 6, 7, tzinfo=datetime.timezone.utc)


class Variables:
    """Airflow's: each of them has its own name as value, and none is there for get(), which a file may ask itself."""

    def __getattr__(self, name):
        return f"variable {name}"

    def get(self, name, default=None):
        return default


def context(dag, conf=None):
    """What templates see of a run, of the kinds that Airflow gives."""
    return {
        "ds": "2026-03-04",
        "ds_nodash": "20260304",
        "logical_date": NOW,
        "data_interval_start": NOW,
        "data_interval_end": NOW,
        "dag": dag,
        "dag_run": types.SimpleNamespace(conf=conf or {}, run_id="run", start_date=NOW),
        "macros": macros,
        "params": {},
        "run_id": "run",
        "ti": types.SimpleNamespace(map_index=0, xcom_pull=lambda **_: ["s-1"]),
        "var": types.SimpleNamespace(value=Variables()),
    }


def plain(value):
    return json.loads(json.dumps(ApiClient().sanitize_for_serialization(value), default=str))


def rendered(one, dag, conf=None):
    """The fields that Airflow renders before it runs a task. An object's own fields are rendered in place: of a copy."""
    prepared = one.prepare_for_execution() if hasattr(one, "prepare_for_execution") else one
    prepared.render_template_fields(context(dag, conf))
    return {field: plain(getattr(prepared, field)) for field in prepared.template_fields if hasattr(prepared, field)}


def unknown_names(value, environment):
    """Names in templates that a task of this Airflow does not see."""
    if isinstance(value, str):
        return jinja2.meta.find_undeclared_variables(environment.parse(value)) - KNOWN_NAMES
    if isinstance(value, dict):
        value = list(value.values())
    return set().union(*(unknown_names(one, environment) for one in value)) if isinstance(value, (list, tuple)) else set()


def task(one, dag):
    mapped = getattr(one, "expand_input", None)
    result = {
        "upstream": sorted(one.upstream_task_ids),
        "operator": one.task_type,
        "retries": one.retries,
        "copies": len(mapped.value["name"]) if mapped is not None else 1,
    }
    if mapped is None:
        result["rendered"] = rendered(one, dag)
        result["rendered_by_conf"] = rendered(one, dag, {"late": "of the run"})
        if one.task_type == "KubernetesPodOperator":
            result["pod"] = plain(one.prepare_for_execution().build_pod_request_obj(dry_run=True))
    return result


def names(one, dag):
    environment = dag.get_template_env()
    fields = one.partial_kwargs if hasattr(one, "partial_kwargs") else vars(one)
    return set().union(*(unknown_names(fields.get(field), environment) for field in one.template_fields))


def functions(dag):
    """Calls the functions that the file brings along, with what they would meet."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
    from airflow.providers.amazon.aws.hooks.cloud_formation import CloudFormationHook

    sent = []
    client = types.SimpleNamespace(put_metric_data=lambda **metrics: sent.append(metrics))
    AwsBaseHook.get_conn = lambda self: client
    states = {"make_stack": "success", "count_add_step": "failed", "count_watch_step": "upstream_failed"}
    results = {"metrics": sent}
    of_3 = "task_runner" in sys.modules or "airflow.sdk" in sys.modules
    if of_3:
        ti = types.SimpleNamespace(dag_id=dag.dag_id, run_id="run", get_task_states=lambda **_: {"run": states}, get_dr_count=lambda **_: running)
    else:
        from airflow.models.dagrun import DagRun

        ti = types.SimpleNamespace(dag_id=dag.dag_id, run_id="run")
        DagRun.find = lambda **_: [None] * running
    instances = [types.SimpleNamespace(task_id=name, state=state) for name, state in states.items()]
    run = types.SimpleNamespace(start_date=NOW, get_task_instances=lambda: instances)
    dag.get_task("start").python_callable(ti=ti)
    try:
        dag.get_task("end").python_callable(ti=ti, dag_run=run)
    except RuntimeError as error:
        results["failure"] = str(error)
    create = dag.get_task("make_stack_check")
    results["creation"] = []
    for status in (None, "CREATE_COMPLETE"):
        CloudFormationHook.get_stack_status = lambda self, name: status
        results["creation"].append(create.python_callable(**create.op_kwargs))
    delete = dag.get_task("drop_stack_check")
    results["deletion"] = []
    for running in (1, 2):
        results["deletion"].append(delete.python_callable(ti=ti, **delete.op_kwargs))
    return results


result = {}
for folder in sys.argv[1:]:
    bag = DagBag(folder)
    dags = {}
    result[folder] = {"errors": bag.import_errors, "dags": dags}
    for dag in bag.dags.values():
        Serialization.to_dict(dag)  # as the scheduler keeps it; fails on what cannot be kept
        dags[dag.dag_id] = {
            "tasks": {one.task_id: task(one, dag) for one in dag.tasks},
            "unknown_names": sorted(set().union(*(names(one, dag) for one in dag.tasks))),
            "timeout_minutes": dag.dagrun_timeout.total_seconds() / 60,
            "start_date": dag.start_date.date().isoformat(),
            "catchup": dag.catchup,
        }
        if "make_stack_check" in dags[dag.dag_id]["tasks"]:
            result[folder]["functions"] = functions(dag)
with open(sys.argv[0] + ".json", "w") as file:  # Airflow logs to standard output
    json.dump(result, file)
