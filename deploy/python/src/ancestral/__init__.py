"""Generative models on Apache Spark, as estimators of ``pyspark.ml``.

The work is done by the classes of the same names in the Java package ``dev.ancestral.ml``; the job
jar has to be on the class path of the session (``spark.jars`` or ``--jars``).
"""

from ancestral.estimators import (
    HiddenMarkovModel,
    HiddenMarkovModelModel,
    LatentClass,
    LatentClassModel,
    LogLikelihoodEvaluator,
    VariationalAutoencoder,
    VariationalAutoencoderModel,
)
from ancestral.summary import Likelihood, TrainingSummary

__all__ = [
    "HiddenMarkovModel",
    "HiddenMarkovModelModel",
    "LatentClass",
    "LatentClassModel",
    "Likelihood",
    "LogLikelihoodEvaluator",
    "TrainingSummary",
    "VariationalAutoencoder",
    "VariationalAutoencoderModel",
]
