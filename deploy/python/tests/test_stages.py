import pytest
from ancestral import (
    HiddenMarkovModel,
    LatentClass,
    LatentClassModel,
    LogLikelihoodEvaluator,
    VariationalAutoencoder,
)
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import functions as F


@pytest.fixture(scope="module")
def fitted(customers):
    return LatentClass(components=2, seed=1).setInputCols("age", "country", "churned").fit(customers)


def test_defaults_are_those_of_the_java_class(spark):
    estimator = VariationalAutoencoder()
    assert estimator.getHidden() == [200, 200]
    assert estimator.getStepSize() == 0.001
    assert estimator.getVocabulary() == 10000
    assert not estimator.isSet(estimator.hidden)
    assert LatentClass(components=3).getComponents() == 3


def test_transform_appends_its_columns_and_their_kind(fitted, customers):
    scored = fitted.transform(customers)
    assert scored.columns == ["age", "country", "churned", "logLikelihood", "component"]
    assert scored.schema["logLikelihood"].metadata["ancestral"]["kind"] == "exact"
    assert scored.count() == customers.count()


def test_parameters_of_a_model_reach_java(fitted, customers):
    other = fitted.copy().setLogLikelihoodCol("nats").setComponentCol("kind")
    assert other.transform(customers).columns[-2:] == ["nats", "kind"]
    assert fitted.getLogLikelihoodCol() == "logLikelihood"


def test_rows_are_drawn_filled_and_conditioned(fitted, spark):
    drawn = fitted.sample(50, seed=7)
    assert drawn.columns == ["age", "country", "churned"]
    assert drawn.count() == 50
    assert drawn.collect() == fitted.sample(50, seed=7).collect()
    german = fitted.sampleGiven(20, "country = 'DE'", seed=7)
    assert {r.country for r in german.collect()} == {"DE"}
    holes = spark.createDataFrame([(None, "DE", None)], "age int, country string, churned boolean")
    assert fitted.impute(holes, draws=5, seed=3).where("age IS NULL").count() == 0
    assert fitted.impute(holes, draws=5, seed=3).count() == 5
    assert fitted.imputeMode(holes).first().age is not None


def test_a_model_is_a_function_of_sql(fitted, customers, spark):
    fitted.register("log_p")
    customers.createOrReplaceTempView("customers")
    by_sql = spark.sql("SELECT log_p(struct(*)) AS nats FROM customers").collect()
    assert [r.nats for r in by_sql] == [
        r.logLikelihood for r in fitted.transform(customers).collect()
    ]


def test_the_summary_has_standard_errors(fitted):
    summary = fitted.summary
    assert summary.train.kind == "exact"
    assert summary.train.standardError > 0
    assert summary.validation is not None and summary.validation.rows > 0
    assert summary.train.rows + summary.validation.rows == 200


def test_a_saved_model_is_read_back(fitted, customers, tmp_path):
    path = str(tmp_path / "model")
    fitted.copy().setLogLikelihoodCol("nats").write().save(path)
    loaded = LatentClassModel.load(path)
    assert loaded.getLogLikelihoodCol() == "nats"
    assert [r.nats for r in loaded.transform(customers).collect()] == [
        r.logLikelihood for r in fitted.transform(customers).collect()
    ]
    assert (tmp_path / "model" / "model.json").exists()


def test_an_estimator_is_saved_and_read_back(spark, tmp_path):
    path = str(tmp_path / "estimator")
    LatentClass(components=7).setInputCols("a", "b").save(path)
    loaded = LatentClass.load(path)
    assert loaded.getComponents() == 7
    assert loaded.getInputCols() == ["a", "b"]


def test_a_pipeline_is_saved_and_read_back(customers, tmp_path):
    pipeline = Pipeline(stages=[LatentClass(components=2)])
    model = pipeline.fit(customers)
    path = str(tmp_path / "pipeline")
    model.write().save(path)
    loaded = PipelineModel.load(path)
    assert isinstance(loaded.stages[0], LatentClassModel)
    assert loaded.transform(customers).collect() == model.transform(customers).collect()


def test_cross_validation_chooses(customers):
    estimator = LatentClass(seed=1)
    chosen = CrossValidator(
        estimator=estimator,
        evaluator=LogLikelihoodEvaluator(),
        estimatorParamMaps=ParamGridBuilder().addGrid(estimator.components, [1, 2]).build(),
        numFolds=2,
        seed=5,
    ).fit(customers)
    # Age depends on the country: two components know it.
    assert chosen.avgMetrics[1] > chosen.avgMetrics[0]
    assert chosen.bestModel.transform(customers).count() == 200


def test_a_network_gives_bounds(customers):
    model = VariationalAutoencoder(latent=2, hidden=[8], maxIter=1, batchSize=20).fit(customers)
    scored = model.transform(customers)
    assert scored.schema["logLikelihood"].metadata["ancestral"]["kind"] == "lower-bound"
    assert model.sample(10, seed=2).count() == 10


def test_sequences_get_one_row_and_their_states(spark):
    rows = spark.createDataFrame(
        [(u, t, "ab"[(u + t) % 2]) for u in range(20) for t in range(6)],
        "user int, ts int, event string",
    )
    model = (
        HiddenMarkovModel(states=2, groupCols=["user"], orderCols=["ts"], seed=3)
        .setInputCols("event")
        .fit(rows)
    )
    scored = model.transform(rows)
    assert scored.count() == 20
    assert {len(r.states) for r in scored.collect()} == {6}
    assert model.sample(3, length=4, seed=1).count() == 12


def test_a_wrong_parameter_is_told_by_name(customers):
    with pytest.raises(Exception, match="nosuch"):
        LatentClass().setInputCols("nosuch").fit(customers)


def test_the_evaluator_is_a_mean(spark):
    rows = spark.createDataFrame([(-1.0,), (-3.0,)], "logLikelihood double")
    evaluator = LogLikelihoodEvaluator()
    assert evaluator.evaluate(rows) == -2.0
    assert evaluator.isLargerBetter()
    assert evaluator.setLogLikelihoodCol("nats").evaluate(
        rows.withColumnRenamed("logLikelihood", "nats")
    ) == pytest.approx(rows.agg(F.avg("logLikelihood")).first()[0])
