"""The one training loop: `history = fit(model, data, optimizer=…, epochs=10, batch=64, rng=rng)`.

    n        examples in `data`             γᵢ (gamma)  weight of example i in a coreset
    outputs  logits, (n, classes),          ℓᵢ (loss)   cross-entropy of example i
             or (n, time, classes)          B           examples of one mini-batch

The objective is Σγᵢℓᵢ / Σγᵢ over the coreset; without one, every γᵢ = 1. With `y` of shape (n, time), as in
next-token prediction, ℓᵢ is the mean over time. Data go where the model is, and `tensors` says which types
of arrays may come in. Outputs are kept for one mini-batch only, unless they are recorded.

Without random layers (dropout draws from torch's own stream) the same `rng` gives the same bits on one
machine with one number of threads. That number is the process's
business (OMP_NUM_THREADS or torch.set_num_threads): networks this small are fastest with a single thread.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Real, Shaped
from numpy import ndarray
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from tqdm.auto import tqdm

from lsml_core.evaluation import (
    READINGS,
    Examples,
    accuracy,
    correctness,
    evaluate,
    in_mode,
    losses,
    note_,
    per_example,
    predict,
    size_of,
)
from lsml_core.tensors import as_inputs, as_labels, on_model
from lsml_core.validation import Count, check_count

__all__ = [
    "Coreset",
    "Examples",
    "History",
    "Mask",
    "apply_mask_",
    "evaluate",
    "fit",
    "in_mode",
    "losses",
    "per_example",
    "predict",
]

Mask = dict[str, Bool[Tensor, "..."]]  # parameter name -> True where the weight is kept
Pruned = list[tuple[Tensor, Bool[Tensor, "..."]]]  # the same, looked up: parameter, True where it is kept
BITS = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}  # of as many bytes


@dataclass(frozen=True, eq=False)
class Coreset:
    """Examples of a data set and their weights γ: what should count twice appears once, with weight 2.

    Both arrays are copied, and cannot be changed afterwards.
    """

    indices: Int[ndarray, " m"]
    weights: Real[ndarray, " m"]

    def __post_init__(self) -> None:
        for name in ("indices", "weights"):
            array = np.array(getattr(self, name))
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        indices, weights = self.indices, self.weights
        if indices.ndim != 1 or indices.dtype.kind not in "iu" or len(indices) == 0 or indices.min() < 0:
            raise ValueError(f"indices={indices} must be a row of one or more integers, none negative")
        if len(np.unique(indices)) < len(indices):
            raise ValueError(f"indices={indices} must be all different: weights say how often one counts")
        if weights.shape != indices.shape:
            raise ValueError(f"weights has shape {weights.shape}, and must have {indices.shape}, as indices")
        if not (np.isfinite(weights).all() and weights.min() >= 0 and weights.max() > 0):
            raise ValueError(f"weights={weights} must be finite and at least 0, and not all 0")

    def __len__(self) -> int:
        return len(self.indices)


@dataclass(frozen=True, eq=False)
class History:
    """What happened in `fit`. A run that diverges shows nan here, in its losses and in its accuracies, and
    raises nothing; a prediction that is not a number is recorded as not correct.

    Per step: `loss`, the mini-batch objective before the update, and `gradient_evaluations`, how often the
    optimizer asked for a gradient (once, unless it searches).
    Per epoch: `epoch_loss` and `train_accuracy` over the mini-batches as they passed, so of a model that was
    still changing; `test_loss` and `test_accuracy` at the epoch's end, nan without a test set.
    `records`: name -> (epochs, n, …), as asked for in `fit`.
    """

    loss: Float[ndarray, " steps"]
    gradient_evaluations: Int[ndarray, " steps"]
    epoch_loss: Float[ndarray, " epochs"]
    train_accuracy: Float[ndarray, " epochs"]
    test_loss: Float[ndarray, " epochs"]
    test_accuracy: Float[ndarray, " epochs"]
    records: dict[str, Shaped[ndarray, "epochs n ..."]]


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
    schedule: LRScheduler | None = None,
    drop_last: bool = False,
    device: str | torch.device | None = None,
    progress: bool | None = None,
) -> History:
    """Train `model` in place: each epoch presents each example (of the coreset) once, in a new random order.

    A mini-batch follows the gradient of 1/|B| Σ_{i∈B} γᵢℓᵢ/γ̄, where γ̄ is the mean weight of the *whole*
    coreset: its mean over B is the gradient of the objective. Dividing by Σ_{i∈B} γᵢ would bias it, because a
    heavy example would then shrink every batch it is in.
    All state lives in the arguments: two calls with the same objects are one longer call.

    mask: pruned weights are 0 before, during and after, whatever momentum the optimizer remembers, and
        their gradients are 0 too, so that an optimizer that searches (LBFGS) searches among the others.
    record: any of "correct", "loss", "probabilities", "logits": what the mini-batch said of each example,
        before the update (Toneva et al., ICLR 2019). Column i is example i of `data`; examples that were
        not shown in that epoch are nan, in "correct" False.
    schedule: of `optimizer`, stepped after each epoch.
    drop_last: leave out the last mini-batch of an epoch where it has fewer than `batch` examples: others in
        every epoch, because the order is new.
    device: the model moves there first; None leaves it where it is.
    progress: None shows a bar once two seconds have passed, True at once, False never.
    ValueError: batch or epochs out of range or not integers; an unknown record; a coreset, mask, optimizer
    or schedule of something else; no full mini-batch to keep; x or y as `tensors` refuses them; or labels
    that do not fit the outputs, (n,) or (n, time) for outputs (n, classes) or (n, time, classes).
    """
    epochs, batch = check_count("epochs", epochs, 0), check_count("batch", batch)
    n = size_of(data)
    if coreset is None:
        coreset = Coreset(np.arange(n), np.ones(n))
    _check(model, optimizer, schedule, record)
    m = len(coreset) - len(coreset) % batch if drop_last else len(coreset)  # examples shown in an epoch
    if not m:
        raise ValueError(f"batch={batch} is more than the {len(coreset)} examples: drop_last leaves none")
    relative, pruned = _mean_one(coreset, n), _look_up(mask or {}, model)
    inputs, labels = as_inputs(data.x, model, coreset.indices), as_labels(data.y)
    if device is not None:
        model.to(device)
    x, y, gamma = (on_model(array, model) for array in (inputs, labels, relative))
    _zero_(pruned)
    steps, passes, records = [], [], {name: [] for name in record}
    bar = tqdm(
        total=epochs * -(-m // batch), delay=0 if progress else 2, leave=False, disable=progress is False
    )
    with in_mode(model, training=True), bar:
        for _ in range(epochs):
            order = torch.from_numpy(rng.permutation(coreset.indices.astype(np.int64))).to(x.device)[:m]
            each, correct, rows = [], [], {}
            for some in order.split(batch):
                look, asked = _step(model, optimizer, pruned, x[some], y[some], gamma[some])
                steps.append((look.objective.item(), asked))
                each.append(gamma[some] * look.losses)
                correct.append(correctness(look.outputs, y[some]))
                note_(rows, record, look.outputs, y[some], some, n)
                bar.update()
            tested = (math.nan, math.nan) if test is None else evaluate(model, test)
            passes.append((torch.cat(each).mean().item(), accuracy(correct), *tested))
            for name in record:
                records[name].append(rows[name].cpu().numpy())
            if schedule is not None:
                schedule.step()
    stacked = {name: np.stack(rows) if rows else np.empty((0, n)) for name, rows in records.items()}
    return _history(steps, passes, stacked)


@torch.no_grad()
def apply_mask_(model: nn.Module, mask: Mask) -> None:
    """Set the pruned weights to zero, in place; parameters the mask does not name stay as they are."""
    _zero_(_look_up(mask, model))


class _Look(NamedTuple):
    """What a mini-batch said when the optimizer first asked for its gradient."""

    objective: Float[Tensor, ""]
    losses: Float[Tensor, " b"]
    outputs: Float[Tensor, "b *time classes"]


def _step(
    model: nn.Module, optimizer: Optimizer, pruned: Pruned, x: Tensor, y: Tensor, gamma: Float[Tensor, " b"]
) -> tuple[_Look, int]:
    """One update -> the first look, and how often the optimizer asked for a gradient."""
    first: list[_Look] = []
    asked = 0

    def closure() -> Any:  # a tensor; torch's annotation says float
        nonlocal asked
        _zero_(pruned)  # a rule that looks ahead moves the weights before it asks
        model.zero_grad()
        outputs = model(x)
        each = losses(outputs, y)
        objective = (gamma * each).mean()
        objective.backward()
        _zero_([(p.grad, kept) for p, kept in pruned if p.grad is not None and not p.grad.is_sparse])
        if not asked:  # a search asks many times: the outputs of one look are enough
            first.append(_Look(objective.detach(), each.detach(), outputs.detach()))
        asked += 1
        return objective

    optimizer.step(closure)
    _zero_(pruned)
    return first[0], asked


def _history(
    steps: list[tuple[float, int]], passes: list[tuple[float, ...]], records: dict[str, ndarray]
) -> History:
    loss, gradient_evaluations = np.array(steps, dtype=float).reshape(-1, 2).T
    epoch_loss, train_accuracy, test_loss, test_accuracy = np.array(passes, dtype=float).reshape(-1, 4).T
    return History(
        loss=loss,
        gradient_evaluations=gradient_evaluations.astype(np.int64),
        epoch_loss=epoch_loss,
        train_accuracy=train_accuracy,
        test_loss=test_loss,
        test_accuracy=test_accuracy,
        records=records,
    )


def _check(
    model: nn.Module, optimizer: Optimizer, schedule: LRScheduler | None, record: Sequence[str]
) -> None:
    if not set(record) <= READINGS.keys():
        raise ValueError(f"record={record!r} must be a tuple of names from {tuple(READINGS)}")
    own = {id(parameter) for parameter in model.parameters()}
    if not all(id(parameter) in own for group in optimizer.param_groups for parameter in group["params"]):
        raise ValueError("optimizer holds parameters that are not this model's: was the model copied?")
    if getattr(schedule, "optimizer", optimizer) is not optimizer:
        raise ValueError("schedule changes the step size of another optimizer than this run's")


def _mean_one(coreset: Coreset, n: int) -> Float[ndarray, " n"]:
    """γᵢ/γ̄ at each example of the coreset, 0 elsewhere."""
    if coreset.indices.max() >= n:
        raise ValueError(f"coreset has index {coreset.indices.max()}, and the data only {n} examples")
    gamma = np.zeros(n)
    gamma[coreset.indices] = coreset.weights / coreset.weights.mean()
    return gamma


def _look_up(mask: Mask, model: nn.Module) -> Pruned:
    parameters = dict(model.named_parameters(remove_duplicate=False))  # what layers share has several names
    for name, kept in mask.items():
        if name not in parameters:
            raise ValueError(f"mask names {name!r}, and the parameters are {tuple(parameters)}")
        if kept.shape != parameters[name].shape or kept.dtype != torch.bool:
            shape = tuple(parameters[name].shape)
            raise ValueError(f"mask[{name!r}] is {kept.dtype} {tuple(kept.shape)}, and must be bool {shape}")
    return [(parameters[name], kept) for name, kept in mask.items()]


@torch.no_grad()
def _zero_(pruned: Pruned) -> None:
    """An integer product of the bits: one of floats keeps nan and inf alive, and filling takes far longer."""
    for parameter, kept in pruned:
        parameter.view(BITS[parameter.element_size()]).mul_(kept.to(parameter.device))
