import os
import pathlib

import pytest
from pyspark.sql import SparkSession


def job_jar() -> str:
    """The jar that the build made, or the one that ANCESTRAL_JAR names."""
    named = os.environ.get("ANCESTRAL_JAR")
    if named:
        return named
    target = pathlib.Path(__file__).parents[3] / "spark-jobs" / "target"
    jars = sorted(target.glob("ancestral-*.jar"))
    if not jars:
        raise FileNotFoundError(f"no job jar in {target}; run mvn -DskipTests package first")
    return str(jars[0])


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    warehouse = tmp_path_factory.mktemp("warehouse")
    session = (
        SparkSession.builder.master("local[2]")
        .appName("ancestral-python")
        .config("spark.jars", job_jar())
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(warehouse))
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def customers(spark):
    rows = [
        (20 + 30 * (i % 2) + i // 2 % 7, "DE" if i % 2 == 0 else "FR", i % 3 == 0)
        for i in range(200)
    ]
    return spark.createDataFrame(rows, "age int, country string, churned boolean").cache()
