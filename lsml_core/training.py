"""The training loop: `history = fit(model, data, optimizer=…, epochs=10, batch=64, rng=rng)`.

    n        examples in `data`             γᵢ (gamma)  weight of example i in a coreset
    outputs  logits, (n, classes),          ℓᵢ (loss)   cross-entropy of example i
             or (n, time, classes)          B           the examples of one mini-batch
    k        training step, from 0          η_k         its step size, "lr" in torch

`fit` repeats `train_step`; whoever needs a loop of their own calls `train_step` directly.

The objective is Σγᵢℓᵢ / Σγᵢ over the coreset; without one, every γᵢ = 1. With `y` of shape (n, time), as in
next-token prediction, ℓᵢ is the mean over time. Data are moved to the model's device, and `tensors` lists the
types of arrays that are accepted. Outputs are kept for one mini-batch only, unless they are recorded.

The same `rng` gives the same bits on one machine with one number of threads, unless the model has random
layers: dropout draws from torch's own stream. Set the number of threads per process (OMP_NUM_THREADS or
torch.set_num_threads); networks as small as these are fastest with a single thread.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import nn
from torch.optim import Optimizer
from tqdm.auto import tqdm

from lsml_core.coresets import Coreset
from lsml_core.evaluation import (
    READINGS,
    Examples,
    check_outputs,
    evaluate,
    in_mode,
    losses,
    per_example,
    predict,
    size_of,
)
from lsml_core.history import History, HistoryLog
from lsml_core.masking import Mask, apply_mask_, masked_parameters
from lsml_core.tensors import as_inputs, as_labels, on_model
from lsml_core.training_step import StepResult, check_trained, set_step_size_, train_step
from lsml_core.validation import Count, check_count, check_function, check_kind, check_positive, check_rng

__all__ = [
    "Coreset",
    "Examples",
    "History",
    "Mask",
    "StepResult",
    "apply_mask_",
    "check_outputs",
    "evaluate",
    "fit",
    "in_mode",
    "losses",
    "per_example",
    "predict",
    "set_step_size_",
    "train_step",
]


def fit(
    model: nn.Module,
    data: Examples,
    *,
    optimizer: Optimizer,
    epochs: Count,
    batch: Count,
    rng: np.random.Generator,
    coreset: Coreset | None = None,
    mask: Mask | None = None,
    record: Sequence[str] = (),
    test: Examples | None = None,
    schedule: Callable[[int], float | int] | None = None,
    first_step: Count = 0,
    drop_last: bool = False,
    device: str | torch.device | None = None,
    progress: bool | None = None,
) -> History:
    """Train `model` in place: each epoch presents each example (of the coreset) once, in a new random order.

    A mini-batch follows the gradient of 1/|B| Σ_{i∈B} γᵢℓᵢ/γ̄, where γ̄ is the mean weight of the *whole*
    coreset: its mean over B is the gradient of the objective. Dividing by Σ_{i∈B} γᵢ would bias it, because a
    heavy example would then shrink every batch it is in.
    All state is in the arguments: two calls with the same objects are one longer call.

    data: the training set, n examples.       test: a test set, evaluated after every epoch.
    optimizer: holds parameters of `model` only.       epochs: 0 or more.
    batch: examples per mini-batch; the last one of an epoch may have fewer.
    rng: draws the order of the examples.       coreset: examples and weights to train on; None is all data.
    mask: pruned weights are 0 before, during and after, whatever momentum the optimizer remembers, and
        their gradients are 0 too, so that an optimizer that searches (LBFGS) searches among the others.
    record: any of "correct", "loss", "probabilities", "logits": what the model gave for each example when
        its mini-batch was shown, before the update (Toneva et al., ICLR 2019). Column i is example i of
        `data`; examples that were not shown in that epoch are nan, in "correct" False.
    schedule: η_k as a function of the step k = first_step, first_step + 1, …, as in `optimization.schedules`;
        None leaves the optimizer's step size as it is.
    first_step: steps made in earlier calls, for a schedule that continues.
    drop_last: leave out the last mini-batch of an epoch where it has fewer than `batch` examples. Which
        examples are left out changes with the epoch, because the order is new.
    device: the model moves there first; None leaves it where it is.
    progress: None shows a bar after two seconds, True at once, False never.
    ValueError: batch or epochs out of range or not integers; an unknown record; a coreset, mask or optimizer
    that does not fit; an optimizer without a step size for the schedule, or an η_k that is not finite or not
    above 0; no full mini-batch to keep; x or y as `tensors` refuses them; or labels that do not fit the
    outputs, (n,) or (n, time) for outputs (n, classes) or (n, time, classes).
    """
    epochs, batch, n = check_count("epochs", epochs, 0), check_count("batch", batch), size_of(data)
    coreset = Coreset(np.arange(n), np.ones(n)) if coreset is None else coreset
    check_kind("coreset", coreset, Coreset, "a Coreset(indices, weights)")
    shown = _shown_per_epoch(len(coreset), batch, drop_last)
    _check(model, optimizer, mask, record)
    check_rng(rng)
    if schedule is not None:
        check_function("schedule", schedule, "a function of the step number")
    arrays = as_inputs(data.x, model, coreset.indices), as_labels(data.y), _relative_weights(coreset, n)
    if device is not None:
        model.to(device)
    x, y, gamma = (on_model(array, model) for array in arrays)
    apply_mask_(model, mask or {})
    log = HistoryLog(record, n, check_count("first_step", first_step, 0))
    with in_mode(model, training=True), _progress_bar(epochs * -(-shown // batch), progress) as bar:
        for _ in range(epochs):
            order = torch.from_numpy(rng.permutation(coreset.indices.astype(np.int64))).to(x.device)
            for some in order[:shown].split(batch):
                if schedule is not None:
                    set_step_size_(optimizer, _step_size(schedule, log.k))
                step = train_step(model, optimizer, x[some], y[some], weights=gamma[some], mask=mask)
                log.add_step(step, y[some], gamma[some], some)
                bar.update()
            log.end_epoch((math.nan, math.nan) if test is None else evaluate(model, test))
    return log.history()


def _check(model: nn.Module, optimizer: Optimizer, mask: Mask | None, record: Sequence[str]) -> None:
    check_trained(model, optimizer)
    masked_parameters(model, mask or {})
    if not set(record) <= READINGS.keys():
        raise ValueError(f"record={record!r} must be a tuple of names from {tuple(READINGS)}")


def _shown_per_epoch(m: int, batch: int, drop_last: bool) -> int:
    shown = m - m % batch if drop_last else m
    if not shown:
        raise ValueError(f"batch={batch} is more than the {m} examples: drop_last leaves none")
    return shown


def _relative_weights(coreset: Coreset, n: int) -> Float[ndarray, " n"]:
    """γᵢ/γ̄ at each example of the coreset, 0 elsewhere."""
    if coreset.indices.max() >= n:
        raise ValueError(f"coreset has index {coreset.indices.max()}, but the data has only {n} examples")
    gamma = np.zeros(n)
    gamma[coreset.indices] = coreset.weights / coreset.weights.mean()
    return gamma


def _step_size(schedule: Callable[[int], float | int], k: int) -> float | int:
    eta = schedule(k)
    check_positive(**{f"schedule({k})": eta})
    return eta


def _progress_bar(total: int, progress: bool | None) -> Any:
    return tqdm(total=total, delay=0 if progress else 2, leave=False, disable=progress is False)
