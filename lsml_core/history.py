"""The history of a training run, `History`, and how `training.fit` collects it step by step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from numpy import ndarray
from torch import Tensor

from lsml_core.evaluation import accuracy, correctness, note_
from lsml_core.tensors import as_array
from lsml_core.training_step import StepResult


@dataclass(frozen=True, eq=False)
class History:
    """What happened in `fit`. A run that diverges has nan here, in its losses and in its accuracies, and
    raises nothing; a prediction that is not a number is recorded as not correct.

    Per step: `loss`, the mini-batch objective before the update, and `gradient_evaluations`, how often the
    optimizer asked for a gradient (once, unless it searches along a line).
    Per epoch: `epoch_loss` and `train_accuracy`, averages over the epoch's mini-batches, each measured before
    its update; `test_loss` and `test_accuracy` at the end of the epoch, nan without a test set.
    `records`: name -> (epochs, n, …), as asked for in `fit`.
    """

    loss: Float[ndarray, " steps"]
    gradient_evaluations: Int[ndarray, " steps"]
    epoch_loss: Float[ndarray, " epochs"]
    train_accuracy: Float[ndarray, " epochs"]
    test_loss: Float[ndarray, " epochs"]
    test_accuracy: Float[ndarray, " epochs"]
    records: dict[str, Shaped[ndarray, "epochs n ..."]]


class HistoryLog:
    """What `fit` has seen so far; `k` is the number of the next step.

    record: names of the readings that are kept.   n: number of examples.   first_step: the first `k`.
    """

    def __init__(self, record: Sequence[str], n: int, first_step: int) -> None:
        self.n, self.k = n, first_step
        self.steps: list[tuple[float, int]] = []
        self.epochs: list[tuple[float, ...]] = []
        self.records: dict[str, list[ndarray]] = {name: [] for name in record}
        self._start_epoch()

    def _start_epoch(self) -> None:
        self.losses: list[Tensor] = []
        self.correct: list[Tensor] = []
        self.rows: dict[str, Tensor] = {}

    def add_step(self, step: StepResult, y: Tensor, gamma: Tensor, some: Tensor) -> None:
        """After one mini-batch.   step: its result.   y: labels.   gamma: γᵢ/γ̄.   some: its indices."""
        self.k += 1
        self.steps.append((step.objective.item(), step.gradient_evaluations))
        self.losses.append(gamma * step.losses)
        self.correct.append(correctness(step.outputs, y))
        note_(self.rows, self.records, step.outputs, y, some, self.n)

    def end_epoch(self, tested: tuple[float, float]) -> None:
        """After the last mini-batch of an epoch.   tested: loss and accuracy of the test set."""
        self.epochs.append((torch.cat(self.losses).mean().item(), accuracy(self.correct), *tested))
        for name, rows in self.records.items():
            rows.append(as_array(self.rows[name]))
        self._start_epoch()

    def history(self) -> History:
        """All of it, as arrays."""
        loss, evaluations = np.array(self.steps, dtype=float).reshape(-1, 2).T
        per_epoch = np.array(self.epochs, dtype=float).reshape(-1, 4).T
        names = "epoch_loss", "train_accuracy", "test_loss", "test_accuracy"
        records = {n: np.stack(rows) if rows else np.empty((0, self.n)) for n, rows in self.records.items()}
        means = dict(zip(names, per_epoch, strict=True))
        return History(loss, evaluations.astype(np.int64), **means, records=records)
