"""Run with the Python of a real Airflow: prints what that Airflow makes of the DAG files in the given folders."""

import json
import sys

try:  # Airflow 3
    from airflow.dag_processing.dagbag import DagBag
except ImportError:  # Airflow 2
    from airflow.models.dagbag import DagBag
try:
    from airflow.serialization.serialized_objects import DagSerialization as Serialization
except ImportError:
    from airflow.serialization.serialized_objects import SerializedDAG as Serialization


def task(one):
    mapped = getattr(one, "expand_input", None)
    return {
        "upstream": sorted(one.upstream_task_ids),
        "operator": one.task_type,
        "copies": len(mapped.value["name"]) if mapped is not None else 1,
    }


result = {}
for folder in sys.argv[1:]:
    bag = DagBag(folder)
    dags = {}
    for dag in bag.dags.values():
        Serialization.to_dict(dag)  # as the scheduler keeps it; fails on what cannot be kept
        dags[dag.dag_id] = {
            "tasks": {one.task_id: task(one) for one in dag.tasks},
            "timeout_minutes": dag.dagrun_timeout.total_seconds() / 60,
            "start_date": dag.start_date.date().isoformat(),
            "catchup": dag.catchup,
        }
    result[folder] = {"errors": bag.import_errors, "dags": dags}
with open(sys.argv[0] + ".json", "w") as file:  # Airflow logs to standard output
    json.dump(result, file)
