"""Training that can be interrupted and continued at any step: `late = advance(plan, early, 300)`.

    plan     everything about a training but the network: T steps of size eta[t] on the examples order[t]
    T        steps of the whole training        t    training step, from 0
    state    a `Checkpoint`: step, network (weights and running averages), the optimizer's memory
    mask     parameter name -> bool tensor, True where the weight is kept

A checkpoint and a plan determine all that follows, bit for bit: step size, data order and dropout depend on
the number of the step only, and momentum is stored with the weights. `advance` changes neither the checkpoint
nor the plan nor torch's global stream of random numbers.
"""

import copy
import zlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import nn
from torch.optim import Optimizer

from lsml_core.masking import Mask, apply_mask_
from lsml_core.tensors import as_inputs, as_labels, check_model, on_model
from lsml_core.training import Examples, in_mode, set_step_size_, train_step
from lsml_core.validation import (
    Count,
    check_count,
    check_counts,
    check_function,
    check_kind,
    check_not_negative,
    check_rng,
)


@dataclass(frozen=True, eq=False)
class TrainingPlan:
    """All that `advance` needs besides a network. `len(plan)` is T.

    data: the training set.
    optimizer: makes an optimizer from parameters, as `partial(torch.optim.SGD, lr=0.1, momentum=0.9)` does;
        its step size is replaced by eta[t].
    eta: step size of each step, (T,), see `step_decay`.
    order: indices of the examples of each step, (T, batch), see `shuffled_epochs`.
    After step T − 1 the last step size stays, and the order starts again.
    ValueError: a field of another kind, no steps, different lengths, a step size that is negative or not
    finite, or an index outside the data.
    """

    data: Examples
    optimizer: Callable[[Iterable[nn.Parameter]], Optimizer]
    eta: Float[ndarray, " T"]
    order: Int[ndarray, "T batch"]

    def __post_init__(self) -> None:
        check_kind("data", self.data, Examples, "a Dataset, or another record with x and y")
        made = "a function of parameters, such as partial(torch.optim.SGD, lr=0.1)"
        check_function("optimizer", self.optimizer, made)
        for name in ("eta", "order"):
            check_kind(name, getattr(self, name), ndarray, "an array")
        if self.order.ndim != 2 or self.order.dtype.kind not in "iu" or not self.order.shape[1]:
            raise ValueError(
                f"order is {self.order.dtype} of shape {self.order.shape}, and must be integers, (T, batch), "
                "with at least one example per step"
            )
        if self.eta.ndim != 1 or self.eta.dtype.kind not in "biuf":
            raise ValueError(f"eta is {self.eta.dtype} of shape {self.eta.shape}, and must be numbers, (T,)")
        if not len(self.eta) or len(self.eta) != len(self.order):
            raise ValueError(
                f"eta has {len(self.eta)} steps and order {len(self.order)}; both must have the same T > 0"
            )
        if not (np.isfinite(self.eta) & (self.eta >= 0)).all():
            raise ValueError(f"eta={self.eta} must be finite and at least 0")
        if self.order.size and not 0 <= self.order.min() <= self.order.max() < len(self.data.y):
            span = f"{self.order.min()} to {self.order.max()}"
            raise ValueError(f"order holds indices from {span}, but data has {len(self.data.y)} examples")

    def __len__(self) -> int:
        return len(self.eta)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A training before step `step`.

    model: the network with the weights of that step; it is not changed.
    memory: the optimizer's `state_dict()`, None if no step has been made.
    """

    step: int
    model: nn.Module
    memory: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        check_model(self.model)


def shuffled_epochs(
    n: Count, batch: Count, steps: Count, *, rng: np.random.Generator
) -> Int[ndarray, "steps batch"]:
    """The examples of each step: a new random order of all n in every epoch.

    steps: number of rows, 0 or more.
    n: number of examples.       batch: examples per step; an incomplete last batch is left out.
    """
    n, batch, steps = check_count("n", n), check_count("batch", batch), check_count("steps", steps, 0)
    if batch > n:
        raise ValueError(f"batch={batch} must be at most the number of examples, n={n}")
    check_rng(rng)
    full = n // batch
    epochs = [rng.permutation(n)[: full * batch].reshape(full, batch) for _ in range(-(-steps // full))]
    return np.concatenate([np.empty((0, batch), np.int64), *epochs])[:steps]


def step_decay(
    eta: float | int, steps: Count, drops: Iterable[Count] | None = None, factor: float | int = 0.1
) -> Float[ndarray, " steps"]:
    """The step size of each of `steps` steps: `eta` at first, multiplied by `factor` at each drop.

    eta: step size before the first drop, at least 0.   steps: T, 0 or more.   factor: at least 0.
    drops: the steps at which the step size falls, integers from 0, as in `optimization.schedules.StepDecay`;
        None is half and three quarters of T, () keeps it constant.
    ValueError: a value out of range, or a drop that is not an integer, such as a fraction of the training.
    """
    check_not_negative(eta=eta, factor=factor)
    steps = check_count("steps", steps, 0)
    if drops is None:
        drops = -(-steps // 2), -(-3 * steps // 4)
    passed = np.zeros(steps)
    for drop in check_counts("drops", drops, 0):
        passed[drop:] += 1
    return eta * float(factor) ** passed


def advance(plan: TrainingPlan, state: Checkpoint, steps: Count, mask: Mask | None = None) -> Checkpoint:
    """The checkpoint `steps` training steps later; the first of them is step number `state.step` of the plan.

    plan: the training.   state: where it starts; it is not changed.   steps: how many, 0 or more.
    mask: pruned weights are 0 before, during and after the training.
    ValueError: a plan or state of another kind, steps that are negative or not an integer, or an optimizer
    whose step size cannot be set.
    """
    check_kind("plan", plan, TrainingPlan, "a TrainingPlan")
    check_kind("state", state, Checkpoint, "a Checkpoint, such as Checkpoint(0, model)")
    steps = check_count("steps", steps, 0)
    model = copy.deepcopy(state.model)
    apply_mask_(model, mask or {})
    optimizer = plan.optimizer(model.parameters())
    if state.memory is not None:
        optimizer.load_state_dict(copy.deepcopy(state.memory))
    order = np.array(plan.order, dtype=np.int64, order="C")  # torch reads no negative strides
    x = on_model(as_inputs(plan.data.x, model, order.ravel()), model)
    y = on_model(as_labels(plan.data.y), model)
    with _separate_random_stream(model), in_mode(model, training=True):
        for t in range(state.step, state.step + steps):
            batch = order[t % len(plan)]
            set_step_size_(optimizer, float(plan.eta[min(t, len(plan) - 1)]))
            _seed_dropout(model, t, batch)
            train_step(model, optimizer, x[batch], y[batch], mask=mask)
    return Checkpoint(state.step + steps, model, optimizer.state_dict() if steps else state.memory)


def _separate_random_stream(model: nn.Module) -> AbstractContextManager[None]:
    """After the block torch's streams continue as if nothing had been drawn inside."""
    return torch.random.fork_rng(devices=_gpus(model))


def _seed_dropout(model: nn.Module, t: int, batch: Int[ndarray, " batch"]) -> None:
    """A seed from the step and its examples: with another order, other units are dropped.

    torch.manual_seed would do the same, but takes longer than the step: it also records the call stack.
    """
    seed = zlib.crc32(batch.tobytes(), t)
    torch.default_generator.manual_seed(seed)
    for gpu in _gpus(model):
        torch.cuda.default_generators[gpu.index].manual_seed(seed)


def _gpus(model: nn.Module) -> set[torch.device]:
    return {p.device for p in model.parameters() if p.device.type == "cuda"}
