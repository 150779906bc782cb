"""What all stages share: how they find their Java classes, and how they are saved and loaded."""

import sys
from typing import Any, Dict, Generic, List, Type, TypeVar

from py4j.java_gateway import JavaObject, JavaPackage
from pyspark import SparkContext
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.util import JavaMLReadable, JavaMLReader, JavaMLWritable
from pyspark.ml.wrapper import JavaEstimator, JavaModel
from pyspark.sql import DataFrame, SparkSession

from ancestral.summary import TrainingSummary

JAVA_PACKAGE = "dev.ancestral.ml"

S = TypeVar("S")


def java_class(python_class: type) -> str:
    """Name of the Java class that a stage stands for."""
    return JAVA_PACKAGE + "." + python_class.__name__


def new_java(name: str, *arguments: Any) -> Any:
    """An object of Java, or an error that says what is missing."""
    context = SparkContext._active_spark_context
    if context is None:
        raise RuntimeError("no Spark session is active; create one before the first stage")
    found: Any = context._jvm
    for part in name.split("."):
        found = getattr(found, part)
    # py4j takes a name that is no class for one of a package.
    if isinstance(found, JavaPackage):
        raise RuntimeError(
            name
            + " is not on the class path of this session: give the job jar by spark.jars or --jars"
        )
    return found(*arguments)


def given(**params: Any) -> Dict[str, Any]:
    """Those of the parameters that are not None."""
    return {name: value for name, value in params.items() if value is not None}


def data_frame(java: Any) -> DataFrame:
    """A Dataset of Java as a DataFrame of the active session."""
    return DataFrame(java, session())


def session() -> SparkSession:
    """The active session.

    :raises RuntimeError: if there is none
    """
    active = SparkSession.getActiveSession()
    if active is None:
        raise RuntimeError("no Spark session is active; create one first")
    return active


def alias(module_name: str) -> None:
    """Makes the stages of a module known under the names of their Java classes.

    A saved pipeline names its stages by Java class; PySpark takes that name for the one of a
    Python class.
    """
    sys.modules[JAVA_PACKAGE] = sys.modules[module_name]


class _Reader(JavaMLReader, Generic[S]):
    """Reads a stage by its Java class, which is not in Spark's own package."""

    @classmethod
    def _java_loader_class(cls, clazz: Type[S]) -> str:
        return java_class(clazz)


class Saved(JavaMLReadable, JavaMLWritable):
    """A stage that is saved and loaded by its Java class."""

    @classmethod
    def read(cls) -> Any:
        return _Reader(cls)


class OutputParams(Params):
    """Parameters that an estimator and its model share: the columns that ``transform`` appends."""

    logLikelihoodCol: "Param[str]" = Param(
        Params._dummy(),
        "logLikelihoodCol",
        "column of log p(row) in nats that is appended",
        typeConverter=TypeConverters.toString,
    )
    componentCol: "Param[str]" = Param(
        Params._dummy(),
        "componentCol",
        "column of the most probable component, of mixtures alone",
        typeConverter=TypeConverters.toString,
    )
    scoreEstimator: "Param[str]" = Param(
        Params._dummy(),
        "scoreEstimator",
        "estimator of log p(row): exact, elbo, iwae or ais; empty for the best of the family",
        typeConverter=TypeConverters.toString,
    )
    scoreSamples: "Param[int]" = Param(
        Params._dummy(),
        "scoreSamples",
        "draws a row of that estimator, which has to be named then; 0 for its default",
        typeConverter=TypeConverters.toInt,
    )

    def getLogLikelihoodCol(self) -> str:
        """Name of the column of log p(row)."""
        return self.getOrDefault(self.logLikelihoodCol)

    def setLogLikelihoodCol(self: S, value: str) -> S:
        """Sets the name of the column of log p(row)."""
        return self._set(logLikelihoodCol=value)  # type: ignore[attr-defined]

    def getComponentCol(self) -> str:
        """Name of the column of the most probable component."""
        return self.getOrDefault(self.componentCol)

    def setComponentCol(self: S, value: str) -> S:
        """Sets the name of the column of the most probable component."""
        return self._set(componentCol=value)  # type: ignore[attr-defined]

    def getScoreEstimator(self) -> str:
        """Name of the estimator of log p(row)."""
        return self.getOrDefault(self.scoreEstimator)

    def setScoreEstimator(self: S, value: str) -> S:
        """Sets the estimator of log p(row)."""
        return self._set(scoreEstimator=value)  # type: ignore[attr-defined]

    def getScoreSamples(self) -> int:
        """Draws a row of the estimator."""
        return self.getOrDefault(self.scoreSamples)

    def setScoreSamples(self: S, value: int) -> S:
        """Sets the draws a row of the estimator."""
        return self._set(scoreSamples=value)  # type: ignore[attr-defined]


class SequenceParams(Params):
    """Parameters that an estimator of sequences and its model share."""

    groupCols: "Param[List[str]]" = Param(
        Params._dummy(),
        "groupCols",
        "columns of which each combination of values is a sequence",
        typeConverter=TypeConverters.toListString,
    )
    orderCols: "Param[List[str]]" = Param(
        Params._dummy(),
        "orderCols",
        "columns that the rows of a sequence are ordered by",
        typeConverter=TypeConverters.toListString,
    )
    statesCol: "Param[str]" = Param(
        Params._dummy(),
        "statesCol",
        "column of the most probable hidden states, one a step",
        typeConverter=TypeConverters.toString,
    )

    def getGroupCols(self) -> List[str]:
        """Columns of which each combination of values is a sequence."""
        return self.getOrDefault(self.groupCols)

    def setGroupCols(self: S, *value: str) -> S:
        """Sets the columns of which each combination of values is a sequence."""
        return self._set(groupCols=list(value))  # type: ignore[attr-defined]

    def getOrderCols(self) -> List[str]:
        """Columns that the rows of a sequence are ordered by."""
        return self.getOrDefault(self.orderCols)

    def setOrderCols(self: S, *value: str) -> S:
        """Sets the columns that the rows of a sequence are ordered by."""
        return self._set(orderCols=list(value))  # type: ignore[attr-defined]

    def getStatesCol(self) -> str:
        """Name of the column of hidden states."""
        return self.getOrDefault(self.statesCol)

    def setStatesCol(self: S, value: str) -> S:
        """Sets the name of the column of hidden states."""
        return self._set(statesCol=value)  # type: ignore[attr-defined]


class FamilyModel(JavaModel, OutputParams, Saved):
    """A fitted p(row), which lies in a run directory as the command line has them."""

    @property
    def directory(self) -> str:
        """The run directory, which ``ancestral score --model`` takes, too."""
        return self._java_obj.directory()

    @property
    def summary(self) -> TrainingSummary:
        """Log-likelihood of the rows that were trained on and of those that were held out.

        It is measured when it is first asked for.
        """
        return TrainingSummary._from_java(self._java_obj.summary())

    def register(self, name: str) -> None:
        """Registers log p(row) as a function of SQL: ``SELECT name(struct(*)) FROM rows``."""
        self._transfer_params_to_java()
        self._java_obj.register(session()._jsparkSession, name)


class RowModel(FamilyModel):
    """A model whose examples are rows."""

    def sample(self, count: int, seed: int = 1) -> DataFrame:
        """Draws rows with the names and types of the data.

        Row i depends on the model, the seed and i alone.
        """
        return data_frame(self._java_obj.sample(session()._jsparkSession, count, seed))


M = TypeVar("M", bound=FamilyModel)


class FamilyEstimator(JavaEstimator, OutputParams, Saved, Generic[M]):
    """Fits p(row) of a family to the rows of a DataFrame."""

    inputCols: "Param[List[str]]" = Param(
        Params._dummy(),
        "inputCols",
        "columns that are modelled; all if it is not set",
        typeConverter=TypeConverters.toListString,
    )
    categoryCols: "Param[List[str]]" = Param(
        Params._dummy(),
        "categoryCols",
        "columns that are categories, whatever their types say",
        typeConverter=TypeConverters.toListString,
    )
    nulls: "Param[str]" = Param(
        Params._dummy(),
        "nulls",
        "value: a null has a probability of its own; missing: it is integrated out",
        typeConverter=TypeConverters.toString,
    )
    vocabulary: "Param[int]" = Param(
        Params._dummy(),
        "vocabulary",
        "most texts of a category; rarer ones are one value",
        typeConverter=TypeConverters.toInt,
    )
    validationFraction: "Param[float]" = Param(
        Params._dummy(),
        "validationFraction",
        "share of the rows that are held out, from 0 to below 1",
        typeConverter=TypeConverters.toFloat,
    )
    seed: "Param[int]" = Param(
        Params._dummy(), "seed", "of everything random", typeConverter=TypeConverters.toInt
    )
    checkpointDirectory: "Param[str]" = Param(
        Params._dummy(),
        "checkpointDirectory",
        "folder for prepared rows, checkpoints and models, on a file system that all executors"
        " reach",
        typeConverter=TypeConverters.toString,
    )

    _model_class: Type[M]

    def __init__(self, **params: Any) -> None:
        super().__init__()
        self._java_obj = new_java(java_class(type(self)), self.uid)
        # The defaults stand once, in Java.
        self._transfer_params_from_java()
        self._set(**params)

    def _transfer_params_from_java(self) -> None:
        super()._transfer_params_from_java()
        # PySpark leaves the default of a list as an array of Java.
        for param, value in list(self._defaultParamMap.items()):
            if isinstance(value, JavaObject):
                self._setDefault(**{param.name: list(value)})

    def _create_model(self, java_model: Any) -> M:
        model = self._model_class(java_model)
        model._resetUid(java_model.uid())
        model._transfer_params_from_java()
        return model

    def getInputCols(self) -> List[str]:
        """Columns that are modelled."""
        return self.getOrDefault(self.inputCols)

    def setInputCols(self: S, *value: str) -> S:
        """Sets the columns that are modelled."""
        return self._set(inputCols=list(value))  # type: ignore[attr-defined]

    def getCategoryCols(self) -> List[str]:
        """Columns that are categories, whatever their types say."""
        return self.getOrDefault(self.categoryCols)

    def setCategoryCols(self: S, *value: str) -> S:
        """Sets the columns that are categories, whatever their types say."""
        return self._set(categoryCols=list(value))  # type: ignore[attr-defined]

    def getNulls(self) -> str:
        """What a null is: ``value`` or ``missing``."""
        return self.getOrDefault(self.nulls)

    def setNulls(self: S, value: str) -> S:
        """Sets what a null is: ``value`` or ``missing``."""
        return self._set(nulls=value)  # type: ignore[attr-defined]

    def getVocabulary(self) -> int:
        """Most texts of a category."""
        return self.getOrDefault(self.vocabulary)

    def setVocabulary(self: S, value: int) -> S:
        """Sets the most texts of a category."""
        return self._set(vocabulary=value)  # type: ignore[attr-defined]

    def getValidationFraction(self) -> float:
        """Share of the rows that are held out."""
        return self.getOrDefault(self.validationFraction)

    def setValidationFraction(self: S, value: float) -> S:
        """Sets the share of the rows that are held out."""
        return self._set(validationFraction=value)  # type: ignore[attr-defined]

    def getSeed(self) -> int:
        """Seed of everything random."""
        return self.getOrDefault(self.seed)

    def setSeed(self: S, value: int) -> S:
        """Sets the seed of everything random."""
        return self._set(seed=value)  # type: ignore[attr-defined]

    def getCheckpointDirectory(self) -> str:
        """Folder for prepared rows, checkpoints and models."""
        return self.getOrDefault(self.checkpointDirectory)

    def setCheckpointDirectory(self: S, value: str) -> S:
        """Sets the folder for prepared rows, checkpoints and models."""
        return self._set(checkpointDirectory=value)  # type: ignore[attr-defined]
