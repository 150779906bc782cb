"""Nightly samples and the weekly model, as two DAGs.

Every task is a command of Ancestral, which finds out by itself what is done already: a task that is
retried, or cleared and run again, goes on or does nothing. The run key is the day of the data
interval ({{ ds }}), so a missed night is caught up by Airflow itself.

Needs the provider apache-airflow-providers-apache-spark and a connection to the cluster named
spark_default; tested with the classes of Airflow 2.6 and later.
"""

from datetime import datetime, timedelta, timezone

from airflow import DAG
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

try:
    from airflow.providers.standard.operators.bash import BashOperator  # Airflow 3
except ImportError:
    from airflow.operators.bash import BashOperator

HOME = "/opt/ancestral"
JOB_JAR = f"local:{HOME}/lib/ancestral.jar"
GPU_JOB_JAR = "local:/opt/ancestral-gpu/lib/ancestral.jar"
SPEC = "hdfs:///ancestral/spec.yaml"
CURRENT = "hdfs:///ancestral/models/current"
SAMPLES = "hdfs:///ancestral/samples"
RUN = "hdfs:///ancestral/runs/{{ ds }}"
EVALUATE = ["--data", f"{RUN}/data", "--split", "test", "--estimator", "iwae", "--samples", "100"]

# As in conf/spark-defaults.conf.example. Processes of an application know one another and encrypt what
# they send and spill: YARN and Kubernetes draw the secret themselves, for a standalone cluster the
# connection has it (spark.authenticate.secret). Training takes transport: spark.
CONF = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.network.crypto.authEngineVersion": "2",
    "spark.io.encryption.enabled": "true",
    "spark.executor.instances": "4",
    "spark.executor.cores": "4",
    "spark.executor.memory": "4g",
    "spark.executor.memoryOverhead": "4g",
    "spark.executorEnv.OMP_NUM_THREADS": "1",
    "spark.executorEnv.OPENBLAS_NUM_THREADS": "1",
    "spark.speculation": "false",
    "spark.dynamicAllocation.enabled": "false",
}
GPU_CONF = {
    **CONF,
    "spark.executor.resource.gpu.amount": "4",
    "spark.executor.resource.gpu.discoveryScript": f"{HOME}/gpu/discover-gpus.sh",
    "spark.task.resource.gpu.amount": "1",
}

DEFAULTS = {
    "owner": "ancestral",
    # 7 (interrupted, or another one is at work) is worth another attempt. The other statuses are not,
    # but do no harm: nothing is done twice.
    "retries": 3,
    "retry_delay": timedelta(minutes=15),
}


def command(task_id, *arguments, conf=None, jar=JOB_JAR):
    """A command of Ancestral as a Spark application."""
    return SparkSubmitOperator(
        task_id=task_id,
        conn_id="spark_default",
        name=f"ancestral {task_id} {{{{ ds }}}}",
        application=jar,
        java_class="dev.ancestral.job.Main",
        application_args=list(arguments),
        conf=CONF if conf is None else conf,
        env_vars={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )


with DAG(
    dag_id="ancestral_nightly",
    schedule="30 2 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=True,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=__doc__,
):
    command(
        "generate",
        "generate",
        "--model", CURRENT,
        "--count", "100000",
        "--seed", "1",
        "--run-key", "{{ ds }}",
        "--output", SAMPLES,
    )

with DAG(
    dag_id="ancestral_weekly",
    schedule="0 4 * * 1",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    # Last month's model need not be trained today.
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=__doc__,
):
    step = ["pipeline", "--spec", SPEC, "--output", RUN, "--step"]
    prepare = command("prepare", *step, "prepare")
    train = command("train", *step, "train", conf=GPU_CONF, jar=GPU_JOB_JAR)
    evaluate_candidate = command(
        "evaluate_candidate",
        "evaluate", "--model", f"{RUN}/run", *EVALUATE, "--output", f"{RUN}/candidate",
    )
    evaluate_current = command(
        "evaluate_current",
        "evaluate", "--model", CURRENT, *EVALUATE, "--output", f"{RUN}/current", "--overwrite",
    )
    # Needs no executors. 8, not better, is an answer: the task is skipped and not failed.
    promote = BashOperator(
        task_id="promote",
        bash_command=(
            f"{HOME}/bin/ancestral --master 'local[1]' promote --candidate {RUN}/run"
            f" --current {CURRENT} --report {RUN}/candidate --against {RUN}/current"
        ),
        skip_on_exit_code=8,
    )
    prepare >> train >> [evaluate_candidate, evaluate_current] >> promote
