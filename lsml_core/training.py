"""The one training loop: `history = fit(model, data, optimizer=…, epochs=10, batch=64, rng=rng)`.

    n        examples in `data`             γᵢ (gamma)  weight of example i in a coreset
    outputs  logits, (n, classes),          ℓᵢ (loss)   cross-entropy of example i
             or (n, time, classes)          B           examples of one mini-batch

The objective is Σγᵢℓᵢ / Σγᵢ over the coreset; without one, every γᵢ = 1. With `y` of shape (n, time), as in
next-token prediction, ℓᵢ is the mean over time. Data go where the model is.

Without random layers (dropout draws from torch's own stream) the same `rng` gives the same bits on one
machine with one number of threads. That number is the process's
business (OMP_NUM_THREADS or torch.set_num_threads): networks this small are fastest with a single thread.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int, Int64, Real, Shaped
from numpy import ndarray
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from tqdm.auto import tqdm

Mask = dict[str, Bool[Tensor, "..."]]  # parameter name -> True where the weight is kept
Pruned = list[tuple[Tensor, Bool[Tensor, "..."]]]  # the same, looked up: parameter, True where it is kept
BITS = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}  # of as many bytes


@runtime_checkable
class Examples(Protocol):
    """What a model learns from: a `Dataset`, or token sequences with `y` of shape (n, time)."""

    @property
    def x(self) -> Real[ndarray, "n ..."]: ...
    @property
    def y(self) -> Int64[ndarray, "n ..."]: ...


@dataclass(frozen=True, eq=False)
class Coreset:
    """Examples of a data set and their weights γ: what should count twice appears once, with weight 2."""

    indices: Int[ndarray, " m"]
    weights: Real[ndarray, " m"]

    def __post_init__(self) -> None:
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
    """What happened in `fit`. A run that diverges shows nan here and raises nothing.

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
    epochs: int,
    batch: int,
    rng: np.random.Generator,
    coreset: Coreset | None = None,
    mask: Mask | None = None,
    record: Sequence[str] = (),
    test: Examples | None = None,
    schedule: LRScheduler | None = None,
    device: str | torch.device | None = None,
    progress: bool | None = None,
) -> History:
    """Train `model` in place: each epoch presents each example (of the coreset) once, in a new random order.

    A mini-batch follows the gradient of 1/|B| Σ_{i∈B} γᵢℓᵢ/γ̄, where γ̄ is the mean weight of the *whole*
    coreset: its mean over B is the gradient of the objective. Dividing by Σ_{i∈B} γᵢ would bias it, because a
    heavy example would then shrink every batch it is in.
    All state lives in the arguments: two calls with the same objects are one longer call.

    mask: pruned weights are 0 before, during and after, whatever momentum the optimizer remembers.
    record: any of "correct", "loss", "probabilities", "logits": what the mini-batch said of each example,
        before the update (Toneva et al., ICLR 2019). Column i is example i of `data`; examples outside the
        coreset are nan, in "correct" False.
    schedule: of a torch optimizer, stepped after each epoch.
    device: the model moves there first; None leaves it where it is.
    progress: None shows a bar once two seconds have passed, True at once, False never.
    ValueError: batch < 1, epochs < 0, an unknown record, or a coreset, mask or optimizer of something else.
    """
    n = len(data.y)
    if len(data.x) != n:
        raise ValueError(f"data has {len(data.x)} examples and {n} labels; it must have one label for each")
    _check(model, optimizer, epochs, batch, record)
    if coreset is None:
        coreset = Coreset(np.arange(n), np.ones(n))
    relative, pruned = _mean_one(coreset, n), _look_up(mask or {}, model)
    if device is not None:
        model.to(device)
    x, y, gamma = (_tensor(array, model) for array in (data.x, data.y, relative))
    _zero_(pruned)
    steps, passes, records = [], [], {name: [] for name in record}
    total = epochs * -(-len(coreset) // batch)
    bar = tqdm(total=total, delay=0 if progress else 2, leave=False, disable=progress is False)
    with in_mode(model, training=True), bar:
        for _ in range(epochs):
            order = torch.from_numpy(rng.permutation(coreset.indices.astype(np.int64))).to(x.device)
            seen = []
            for some in order.split(batch):
                loss, outputs, asked = _step(model, optimizer, pruned, x[some], y[some], gamma[some])
                steps.append((loss, asked))
                seen.append(outputs)
                bar.update()
            outputs, targets = torch.cat(seen), y[order]
            epoch_loss = (gamma[order] * losses(outputs, targets)).mean().item()
            tested = (math.nan, math.nan) if test is None else evaluate(model, test)
            passes.append((epoch_loss, _accuracy(outputs, targets), *tested))
            for name, rows in records.items():
                rows.append(_by_example(READINGS[name](outputs, targets), order, n))
            if schedule is not None:
                schedule.step()
    stacked = {name: np.stack(rows) if rows else np.empty((0, n)) for name, rows in records.items()}
    return _history(steps, passes, stacked)


@torch.no_grad()
def apply_mask_(model: nn.Module, mask: Mask) -> None:
    """Set the pruned weights to zero, in place; parameters the mask does not name stay as they are."""
    _zero_(_look_up(mask, model))


def losses(outputs: Float[Tensor, "n *time classes"], y: Int64[Tensor, "n *time"]) -> Float[Tensor, " n"]:
    """ℓᵢ = −log softmax(outputsᵢ)[yᵢ]; over a sequence, its mean over time."""
    each = F.cross_entropy(outputs.flatten(0, -2), y.flatten(), reduction="none")
    return each.view(len(y), -1).mean(1)


def evaluate(model: nn.Module, data: Examples, *, batch: int = 1024) -> tuple[float, float]:
    """Mean loss and accuracy (share of tokens, for sequences), in evaluation mode."""
    outputs, y = _outputs(model, data.x, batch), _tensor(data.y, model)
    return losses(outputs, y).mean().item(), _accuracy(outputs, y)


def predict(model: nn.Module, x: Real[ndarray, "n ..."], *, batch: int = 1024) -> Int64[ndarray, "n ..."]:
    """The likeliest class of each row (the likeliest next token, for sequences), in evaluation mode."""
    return _outputs(model, x, batch).argmax(-1).cpu().numpy()


def per_example(
    model: nn.Module, data: Examples, *, batch: int = 1024
) -> dict[str, Shaped[ndarray, "n ..."]]:
    """Everything `fit` can record, (n, …) by name, for the model as it is and in evaluation mode."""
    outputs, y = _outputs(model, data.x, batch), _tensor(data.y, model)
    return {name: reading(outputs, y).cpu().numpy() for name, reading in READINGS.items()}


READINGS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "correct": lambda outputs, y: outputs.argmax(-1) == y,
    "loss": losses,
    "probabilities": lambda outputs, _: outputs.softmax(-1),
    "logits": lambda outputs, _: outputs,
}


def _step(
    model: nn.Module, optimizer: Optimizer, pruned: Pruned, x: Tensor, y: Tensor, gamma: Float[Tensor, " b"]
) -> tuple[float, Tensor, int]:
    """One update -> loss and outputs where the optimizer first asked for a gradient; how often it asked."""
    seen: list[tuple[Tensor, Tensor]] = []

    def closure() -> Any:  # a tensor; torch's annotation says float
        _zero_(pruned)  # a rule that looks ahead moves the weights before it asks
        model.zero_grad()
        outputs = model(x)
        loss = (gamma * losses(outputs, y)).mean()
        loss.backward()
        seen.append((loss.detach(), outputs.detach()))
        return loss

    optimizer.step(closure)
    _zero_(pruned)
    loss, outputs = seen[0]
    return loss.item(), outputs, len(seen)


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


def _check(model: nn.Module, optimizer: Optimizer, epochs: int, batch: int, record: Sequence[str]) -> None:
    if batch < 1 or epochs < 0:
        raise ValueError(f"batch={batch} must be at least 1, and epochs={epochs} at least 0")
    if not set(record) <= READINGS.keys():
        raise ValueError(f"record={record!r} must be a tuple of names from {tuple(READINGS)}")
    own = {id(parameter) for parameter in model.parameters()}
    if not all(id(parameter) in own for group in optimizer.param_groups for parameter in group["params"]):
        raise ValueError("optimizer holds parameters that are not this model's: was the model copied?")


@torch.no_grad()
def _outputs(model: nn.Module, x: Real[ndarray, "n ..."], batch: int) -> Float[Tensor, "n ..."]:
    if batch < 1 or len(x) == 0:
        raise ValueError(f"batch={batch} and the number of examples, {len(x)}, must be at least 1")
    with in_mode(model, training=False):
        return torch.cat([model(_tensor(x[i : i + batch], model)) for i in range(0, len(x), batch)])


@contextmanager
def in_mode(model: nn.Module, *, training: bool) -> Iterator[None]:
    """Training or evaluation mode inside, and outside every layer in the mode it was in."""
    before = [(layer, layer.training) for layer in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for layer, was in before:
            layer.training = was


def _tensor(array: Shaped[ndarray, "..."], model: nn.Module) -> Shaped[Tensor, "..."]:
    """On the model's device, reals in its precision; a copy, because torch has no read-only tensors."""
    tensor, like = torch.from_numpy(array.copy()), next(model.parameters())
    return tensor.to(like) if tensor.is_floating_point() else tensor.to(like.device)


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


def _accuracy(outputs: Tensor, y: Tensor) -> float:
    return (outputs.argmax(-1) == y).double().mean().item()


def _by_example(
    values: Shaped[Tensor, "m ..."], order: Int64[Tensor, " m"], n: int
) -> Shaped[ndarray, "n ..."]:
    """Row j of `values` belongs to example order[j]; examples that have none get nan, or False."""
    rows = values.new_full((n, *values.shape[1:]), False if values.dtype == torch.bool else math.nan)
    rows[order] = values
    return rows.cpu().numpy()
