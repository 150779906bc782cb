"""How likely the rows of a fit are under its model."""

from dataclasses import dataclass
from typing import Any, Optional


@dataclass(frozen=True)
class Likelihood:
    """A mean log-likelihood in nats a row, with its standard error and its kind.

    ``kind`` is ``exact``, ``lower-bound`` or ``estimate``, as in the reports of ``evaluate``.
    """

    rows: int
    meanNats: float
    standardError: float
    kind: str

    @staticmethod
    def _from_java(java: Any) -> "Likelihood":
        return Likelihood(java.rows(), java.meanNats(), java.standardError(), java.kind())


@dataclass(frozen=True)
class TrainingSummary:
    """Log-likelihood of the rows that were trained on and, if any were held out, of those."""

    train: Likelihood
    validation: Optional[Likelihood]

    @staticmethod
    def _from_java(java: Any) -> "TrainingSummary":
        held = java.validation()
        return TrainingSummary(
            Likelihood._from_java(java.train()),
            Likelihood._from_java(held.get()) if held.isPresent() else None,
        )
