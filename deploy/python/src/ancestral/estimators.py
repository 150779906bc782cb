"""An estimator of ``pyspark.ml`` a family, with its model."""

from typing import Any, List, Optional

from pyspark.ml.evaluation import JavaEvaluator
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.sql import DataFrame

from ancestral._stages import (
    FamilyEstimator,
    FamilyModel,
    RowModel,
    Saved,
    SequenceParams,
    alias,
    data_frame,
    given,
    java_class,
    new_java,
    session,
)


class LatentClassModel(RowModel):
    """A fitted :class:`LatentClass`."""

    def sampleGiven(self, count: int, condition: str, seed: int = 1) -> DataFrame:
        """Draws rows given some of their values, such as ``"country = 'DE' AND age IS NULL"``.

        The draws are from the exact conditional distribution.
        """
        return data_frame(
            self._java_obj.sampleGiven(session()._jsparkSession, count, seed, condition)
        )

    def impute(self, dataset: DataFrame, draws: int = 1, seed: int = 1) -> DataFrame:
        """Fills the cells that are null by draws given the cells that are not.

        With more than one draw of each row a column says which it is.
        """
        return data_frame(self._java_obj.impute(dataset._jdf, draws, seed))

    def imputeMode(self, dataset: DataFrame) -> DataFrame:
        """Fills the same cells by their most probable values given the others."""
        return data_frame(self._java_obj.imputeMode(dataset._jdf))


class LatentClass(FamilyEstimator[LatentClassModel]):
    """A mixture of products of one distribution a column (Lazarsfeld and Henry, 1968), learned by EM.

    Exact: its log p(row) is the marginal over the components.
    """

    _model_class = LatentClassModel

    components: "Param[int]" = Param(
        Params._dummy(),
        "components",
        "hidden classes, at least 1",
        typeConverter=TypeConverters.toInt,
    )
    maxIter: "Param[int]" = Param(
        Params._dummy(),
        "maxIter",
        "most passes of EM, at least 1",
        typeConverter=TypeConverters.toInt,
    )
    restarts: "Param[int]" = Param(
        Params._dummy(),
        "restarts",
        "runs of EM from other beginnings, at least 1",
        typeConverter=TypeConverters.toInt,
    )
    smoothing: "Param[float]" = Param(
        Params._dummy(),
        "smoothing",
        "examples of the whole distribution that count in each class",
        typeConverter=TypeConverters.toFloat,
    )

    def __init__(
        self,
        *,
        components: Optional[int] = None,
        maxIter: Optional[int] = None,
        restarts: Optional[int] = None,
        smoothing: Optional[float] = None,
        **params: Any,
    ) -> None:
        """Parameters that are not given have the defaults of the Java class."""
        super().__init__(
            **given(
                components=components,
                maxIter=maxIter,
                restarts=restarts,
                smoothing=smoothing,
                **params,
            )
        )

    def getComponents(self) -> int:
        """Hidden classes."""
        return self.getOrDefault(self.components)

    def setComponents(self, value: int) -> "LatentClass":
        """Sets hidden classes."""
        return self._set(components=value)

    def getMaxIter(self) -> int:
        """Most passes of EM."""
        return self.getOrDefault(self.maxIter)

    def setMaxIter(self, value: int) -> "LatentClass":
        """Sets most passes of EM."""
        return self._set(maxIter=value)

    def getRestarts(self) -> int:
        """Runs of EM from other beginnings."""
        return self.getOrDefault(self.restarts)

    def setRestarts(self, value: int) -> "LatentClass":
        """Sets runs of EM from other beginnings."""
        return self._set(restarts=value)

    def getSmoothing(self) -> float:
        """Examples of the whole distribution that count in each class."""
        return self.getOrDefault(self.smoothing)

    def setSmoothing(self, value: float) -> "LatentClass":
        """Sets examples of the whole distribution that count in each class."""
        return self._set(smoothing=value)


class VariationalAutoencoderModel(RowModel):
    """A fitted :class:`VariationalAutoencoder`."""


class VariationalAutoencoder(FamilyEstimator[VariationalAutoencoderModel]):
    """The variational autoencoder (Kingma and Welling, 2014), learned by a bound on log p(row).

    The numbers of its model are lower bounds, or estimates; the metadata of their column say which.
    """

    _model_class = VariationalAutoencoderModel

    latent: "Param[int]" = Param(
        Params._dummy(),
        "latent",
        "size of the latent vector, at least 1",
        typeConverter=TypeConverters.toInt,
    )
    hidden: "Param[List[int]]" = Param(
        Params._dummy(),
        "hidden",
        "widths of the hidden layers of encoder and decoder",
        typeConverter=TypeConverters.toListInt,
    )
    activation: "Param[str]" = Param(
        Params._dummy(),
        "activation",
        "tanh, relu or identity",
        typeConverter=TypeConverters.toString,
    )
    objective: "Param[str]" = Param(
        Params._dummy(),
        "objective",
        "elbo or iwae",
        typeConverter=TypeConverters.toString,
    )
    objectiveSamples: "Param[int]" = Param(
        Params._dummy(),
        "objectiveSamples",
        "draws of the latent vector an example in the objective, at least 1",
        typeConverter=TypeConverters.toInt,
    )
    maxIter: "Param[int]" = Param(
        Params._dummy(),
        "maxIter",
        "epochs, at least 1",
        typeConverter=TypeConverters.toInt,
    )
    batchSize: "Param[int]" = Param(
        Params._dummy(),
        "batchSize",
        "examples of a step of a replica, at least 1",
        typeConverter=TypeConverters.toInt,
    )
    stepSize: "Param[float]" = Param(
        Params._dummy(),
        "stepSize",
        "learning rate of Adam, above 0",
        typeConverter=TypeConverters.toFloat,
    )
    patience: "Param[int]" = Param(
        Params._dummy(),
        "patience",
        "validations without a better one that end the training; 0 for never",
        typeConverter=TypeConverters.toInt,
    )
    replicas: "Param[int]" = Param(
        Params._dummy(),
        "replicas",
        "copies of the network that are trained side by side and averaged",
        typeConverter=TypeConverters.toInt,
    )

    def __init__(
        self,
        *,
        latent: Optional[int] = None,
        hidden: Optional[List[int]] = None,
        activation: Optional[str] = None,
        objective: Optional[str] = None,
        objectiveSamples: Optional[int] = None,
        maxIter: Optional[int] = None,
        batchSize: Optional[int] = None,
        stepSize: Optional[float] = None,
        patience: Optional[int] = None,
        replicas: Optional[int] = None,
        **params: Any,
    ) -> None:
        """Parameters that are not given have the defaults of the Java class."""
        super().__init__(
            **given(
                latent=latent,
                hidden=hidden,
                activation=activation,
                objective=objective,
                objectiveSamples=objectiveSamples,
                maxIter=maxIter,
                batchSize=batchSize,
                stepSize=stepSize,
                patience=patience,
                replicas=replicas,
                **params,
            )
        )

    def getLatent(self) -> int:
        """Size of the latent vector."""
        return self.getOrDefault(self.latent)

    def setLatent(self, value: int) -> "VariationalAutoencoder":
        """Sets size of the latent vector."""
        return self._set(latent=value)

    def getHidden(self) -> List[int]:
        """Widths of the hidden layers."""
        return self.getOrDefault(self.hidden)

    def setHidden(self, *value: int) -> "VariationalAutoencoder":
        """Sets widths of the hidden layers."""
        return self._set(hidden=list(value))

    def getActivation(self) -> str:
        """Activation of the hidden layers."""
        return self.getOrDefault(self.activation)

    def setActivation(self, value: str) -> "VariationalAutoencoder":
        """Sets activation of the hidden layers."""
        return self._set(activation=value)

    def getObjective(self) -> str:
        """What is maximised."""
        return self.getOrDefault(self.objective)

    def setObjective(self, value: str) -> "VariationalAutoencoder":
        """Sets what is maximised."""
        return self._set(objective=value)

    def getObjectiveSamples(self) -> int:
        """Draws of the latent vector an example in the objective."""
        return self.getOrDefault(self.objectiveSamples)

    def setObjectiveSamples(self, value: int) -> "VariationalAutoencoder":
        """Sets draws of the latent vector an example in the objective."""
        return self._set(objectiveSamples=value)

    def getMaxIter(self) -> int:
        """Epochs."""
        return self.getOrDefault(self.maxIter)

    def setMaxIter(self, value: int) -> "VariationalAutoencoder":
        """Sets epochs."""
        return self._set(maxIter=value)

    def getBatchSize(self) -> int:
        """Examples of a step of a replica."""
        return self.getOrDefault(self.batchSize)

    def setBatchSize(self, value: int) -> "VariationalAutoencoder":
        """Sets examples of a step of a replica."""
        return self._set(batchSize=value)

    def getStepSize(self) -> float:
        """Learning rate of Adam."""
        return self.getOrDefault(self.stepSize)

    def setStepSize(self, value: float) -> "VariationalAutoencoder":
        """Sets learning rate of Adam."""
        return self._set(stepSize=value)

    def getPatience(self) -> int:
        """Validations without a better one that end the training."""
        return self.getOrDefault(self.patience)

    def setPatience(self, value: int) -> "VariationalAutoencoder":
        """Sets validations without a better one that end the training."""
        return self._set(patience=value)

    def getReplicas(self) -> int:
        """Copies of the network that are trained side by side and averaged."""
        return self.getOrDefault(self.replicas)

    def setReplicas(self, value: int) -> "VariationalAutoencoder":
        """Sets copies of the network that are trained side by side and averaged."""
        return self._set(replicas=value)


class HiddenMarkovModelModel(FamilyModel, SequenceParams):
    """A fitted :class:`HiddenMarkovModel`; ``transform`` gives one row a sequence."""

    def sample(self, count: int, length: int, seed: int = 1) -> DataFrame:
        """Draws sequences of one length, a row a step: ``id``, ``step`` and the columns."""
        return data_frame(self._java_obj.sample(session()._jsparkSession, count, seed, length))


class HiddenMarkovModel(FamilyEstimator[HiddenMarkovModelModel], SequenceParams):
    """A hidden Markov model of groups of rows (Rabiner, 1989), learned by Baum-Welch.

    Exact, given the length of a sequence.
    """

    _model_class = HiddenMarkovModelModel

    states: "Param[int]" = Param(
        Params._dummy(),
        "states",
        "hidden states, at least 1",
        typeConverter=TypeConverters.toInt,
    )
    topology: "Param[str]" = Param(
        Params._dummy(),
        "topology",
        "ergodic or left-right",
        typeConverter=TypeConverters.toString,
    )
    maxIter: "Param[int]" = Param(
        Params._dummy(),
        "maxIter",
        "most passes of EM, at least 1",
        typeConverter=TypeConverters.toInt,
    )
    restarts: "Param[int]" = Param(
        Params._dummy(),
        "restarts",
        "runs of EM from other beginnings, at least 1",
        typeConverter=TypeConverters.toInt,
    )
    smoothing: "Param[float]" = Param(
        Params._dummy(),
        "smoothing",
        "counts that are added to each outcome",
        typeConverter=TypeConverters.toFloat,
    )

    def __init__(
        self,
        *,
        states: Optional[int] = None,
        topology: Optional[str] = None,
        maxIter: Optional[int] = None,
        restarts: Optional[int] = None,
        smoothing: Optional[float] = None,
        groupCols: Optional[List[str]] = None,
        orderCols: Optional[List[str]] = None,
        statesCol: Optional[str] = None,
        **params: Any,
    ) -> None:
        """Parameters that are not given have the defaults of the Java class."""
        super().__init__(
            **given(
                states=states,
                topology=topology,
                maxIter=maxIter,
                restarts=restarts,
                smoothing=smoothing,
                groupCols=groupCols,
                orderCols=orderCols,
                statesCol=statesCol,
                **params,
            )
        )

    def getStates(self) -> int:
        """Hidden states."""
        return self.getOrDefault(self.states)

    def setStates(self, value: int) -> "HiddenMarkovModel":
        """Sets hidden states."""
        return self._set(states=value)

    def getTopology(self) -> str:
        """Which transitions there are."""
        return self.getOrDefault(self.topology)

    def setTopology(self, value: str) -> "HiddenMarkovModel":
        """Sets which transitions there are."""
        return self._set(topology=value)

    def getMaxIter(self) -> int:
        """Most passes of EM."""
        return self.getOrDefault(self.maxIter)

    def setMaxIter(self, value: int) -> "HiddenMarkovModel":
        """Sets most passes of EM."""
        return self._set(maxIter=value)

    def getRestarts(self) -> int:
        """Runs of EM from other beginnings."""
        return self.getOrDefault(self.restarts)

    def setRestarts(self, value: int) -> "HiddenMarkovModel":
        """Sets runs of EM from other beginnings."""
        return self._set(restarts=value)

    def getSmoothing(self) -> float:
        """Counts that are added to each outcome."""
        return self.getOrDefault(self.smoothing)

    def setSmoothing(self, value: float) -> "HiddenMarkovModel":
        """Sets counts that are added to each outcome."""
        return self._set(smoothing=value)


class LogLikelihoodEvaluator(JavaEvaluator, Saved):
    """Mean log p(row) in nats of rows that a model has scored: the larger, the better.

    Compare models of the same columns alone, and bounds with bounds alone.
    """

    logLikelihoodCol: "Param[str]" = Param(
        Params._dummy(),
        "logLikelihoodCol",
        "column of log p(row) in nats",
        typeConverter=TypeConverters.toString,
    )

    def __init__(self, *, logLikelihoodCol: Optional[str] = None) -> None:
        """A parameter that is not given has the default of the Java class."""
        super().__init__()
        self._java_obj = new_java(java_class(type(self)), self.uid)
        self._transfer_params_from_java()
        self._set(**given(logLikelihoodCol=logLikelihoodCol))

    def getLogLikelihoodCol(self) -> str:
        """Name of the column of log p(row)."""
        return self.getOrDefault(self.logLikelihoodCol)

    def setLogLikelihoodCol(self, value: str) -> "LogLikelihoodEvaluator":
        """Sets the name of the column of log p(row)."""
        return self._set(logLikelihoodCol=value)


alias(__name__)
