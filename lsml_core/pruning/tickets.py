"""Training that can be taken up again at any step: lottery tickets, rewinding, and their controls.

    run        everything about a training but the network: T steps, of size eta[t] on the examples order[t]
    T          steps of a whole run         k          the step that is rewound to
    state      a `Checkpoint`: step, network (weights and running averages), the optimizer's memory
    w_k, w_T   the weights at step k and at the end     mask     name -> bool tensor, True = kept

A state and a run determine all that follows, bit for bit: step size, data order and dropout are read off the
step's number, and momentum travels with the weights. `advance` takes one state to a later one and changes
neither, nor torch's own stream of random numbers.
"""

import copy
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import nn
from torch.optim import Optimizer

from lsml_core.models import torch_generator
from lsml_core.pruning.masks import Scope, keep_top
from lsml_core.pruning.scores import Scores, magnitude, random
from lsml_core.training import Examples, Mask, apply_mask_, fit


@dataclass(frozen=True, eq=False)
class Run:
    """`optimizer` makes one from parameters: `partial(torch.optim.SGD, lr=0.1, momentum=0.9)`; its step size
    is overwritten by eta[t]. Past the end, t ≥ T, the last step size stays and the order begins again.
    ValueError: no steps, a step size that is negative or not finite, or an order of examples not in data.
    """

    data: Examples
    optimizer: Callable[[Iterable[nn.Parameter]], Optimizer]
    eta: Float[ndarray, " T"]
    order: Int[ndarray, "T batch"]

    def __post_init__(self) -> None:
        if not len(self.eta) or len(self.eta) != len(self.order):
            raise ValueError(
                f"eta has {len(self.eta)} steps and order {len(self.order)}; both must have T > 0"
            )
        if not (np.isfinite(self.eta) & (self.eta >= 0)).all():
            raise ValueError(f"eta={self.eta} must be finite, and never negative")
        if self.order.size and not 0 <= self.order.min() <= self.order.max() < len(self.data.y):
            span = f"{self.order.min()} … {self.order.max()}"
            raise ValueError(f"order names the examples {span}, and data has {len(self.data.y)}")

    def __len__(self) -> int:
        return len(self.eta)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Where a training stands before step `step`. `memory` is the optimizer's state, None before any step."""

    step: int
    model: nn.Module
    memory: dict[str, Any] | None = None


class Ticket(NamedTuple):
    """A mask, the state it is trained from, and what becomes of it."""

    mask: Mask
    start: Checkpoint
    trained: Checkpoint


class _Batch(NamedTuple):
    x: ndarray
    y: ndarray


def shuffled_epochs(
    n: int, batch: int, steps: int, *, rng: np.random.Generator
) -> Int[ndarray, "steps batch"]:
    """The examples of each step: every epoch a new random order; what does not fill a batch is left out."""
    if not 1 <= batch <= n:
        raise ValueError(f"batch={batch} must lie between 1 and the number of examples, {n}")
    full = n // batch
    epochs = [rng.permutation(n)[: full * batch].reshape(full, batch) for _ in range(-(-steps // full))]
    return np.concatenate([np.empty((0, batch), np.int64), *epochs])[:steps]


def staircase(
    eta: float | int, steps: int, drops: Iterable[float] = (0.5, 0.75), factor: float = 0.1
) -> Float[ndarray, " steps"]:
    """η for each step, multiplied by `factor` at each of these shares of the run."""
    passed = sum((np.arange(steps) >= drop * steps).astype(int) for drop in drops)
    return eta * factor**passed * np.ones(steps)


def advance(run: Run, state: Checkpoint, steps: int, mask: Mask | None = None) -> Checkpoint:
    """Train a copy of the state's network for `steps` steps; the first is the run's step state.step.

    ValueError: negative steps, or an optimizer whose step size cannot be set.
    """
    if steps < 0:
        raise ValueError(f"steps={steps} must be at least 0")
    model = copy.deepcopy(state.model)
    apply_mask_(model, mask or {})
    optimizer = run.optimizer(model.parameters())
    if state.memory is not None:
        optimizer.load_state_dict(copy.deepcopy(state.memory))
    with _own_stream(model):
        for t in range(state.step, state.step + steps):
            _set_step_size(optimizer, float(run.eta[min(t, len(run) - 1)]))
            some = run.order[t % len(run)]
            batch = _Batch(run.data.x[some], run.data.y[some])
            torch.manual_seed(_seed(t, some))
            rng = np.random.default_rng(0)  # orders the examples within one batch, whose mean is taken
            fit(
                model,
                batch,
                optimizer=optimizer,
                epochs=1,
                batch=len(some),
                mask=mask,
                rng=rng,
                progress=False,
            )
    return Checkpoint(state.step + steps, model, optimizer.state_dict() if steps else state.memory)


def _own_stream(model: nn.Module) -> AbstractContextManager[None]:
    """Whatever is drawn inside, torch's stream goes on outside as if nothing had been."""
    devices = {p.device for p in model.parameters() if p.device.type == "cuda"}
    return torch.random.fork_rng(devices=devices)


def _seed(t: int, some: Int[ndarray, " batch"]) -> int:
    """For dropout at step t: of the step and its examples, so that another order also drops other units."""
    return int(np.random.SeedSequence([t, *some.tolist()]).generate_state(1, np.uint64)[0] >> 1)


def _set_step_size(optimizer: Optimizer, eta: float) -> None:
    for group in optimizer.param_groups:
        if "lr" not in group:
            raise ValueError(f"optimizer {type(optimizer).__name__} has no step size 'lr' that eta could set")
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(eta)
        else:
            group["lr"] = eta


def imp(
    run: Run,
    model: nn.Module,
    rounds: int,
    rate: float | int = 0.2,
    rewind: int = 0,
    *,
    score: Callable[[nn.Module], Scores] = magnitude,
    scope: Scope = "global",
) -> list[Ticket]:
    """Iterative magnitude pruning: train to T, cut the share `rate` of the survivors, rewind to k, again.

    rounds + 1 tickets, each trained in full; the first is the dense network. k is `rewind`: with 0 the
    weights return to their initial values, and larger networks need a k > 0.
    ValueError: rate outside 0 … 1, rewind outside 0 … T, or rounds below 0.
    Frankle & Carbin (ICLR 2019); Frankle, Dziugaite, Roy & Carbin (ICML 2020).
    """
    if rounds < 0:
        raise ValueError(f"rounds={rounds} must be at least 0")
    if not 0 <= rate <= 1 or not 0 <= rewind <= len(run):
        raise ValueError(f"rate={rate} must lie in 0 … 1, and rewind={rewind} in 0 … {len(run)}")
    start = advance(run, Checkpoint(0, model), rewind)
    mask = keep_top(score(start.model), 1.0, scope=scope)
    tickets = [_ticket(run, mask, start)]
    for i in range(1, rounds + 1):
        mask = keep_top(score(tickets[-1].trained.model), (1 - rate) ** i, scope=scope, within=mask)
        tickets.append(_ticket(run, mask, start))
    return tickets


def retrain(run: Run, mask: Mask, *, weights_from: Checkpoint, schedule_from: int, steps: int) -> Checkpoint:
    """Train the pruned network for `steps` steps, as if step `schedule_from` had reached `weights_from`.

    Weights first, the four choices from k and T are (T, T) fine-tuning at the last step size, (k, k) weight
    rewinding, (T, k) learning-rate rewinding, and (k, T), rewound weights with the last step size. Momentum
    and running averages go with the weights, data order with the schedule.
    Renda, Frankle & Carbin (ICLR 2020), "Comparing rewinding and fine-tuning in neural network pruning".
    """
    return advance(run, replace(weights_from, step=schedule_from), steps, mask)


def two_by_two(run: Run, mask: Mask, early: Checkpoint, late: Checkpoint) -> dict[str, Checkpoint]:
    """All four ways of `retrain`, each T − k steps long; early is the state at step k, late the one at T."""
    steps = late.step - early.step
    sources = {
        "fine-tuning": (late, late.step),
        "weight rewinding": (early, early.step),
        "learning-rate rewinding": (late, early.step),
        "weights only": (early, late.step),
    }
    return {
        name: retrain(run, mask, weights_from=weights, schedule_from=step, steps=steps)
        for name, (weights, step) in sources.items()
    }


def shuffle(mask: Mask, *, rng: np.random.Generator) -> Mask:
    """As many weights in each layer, at random places."""
    generator = torch_generator(rng)
    return {
        name: kept.flatten()[torch.randperm(kept.numel(), generator=generator).to(kept.device)].view_as(kept)
        for name, kept in mask.items()
    }


def controls(run: Run, ticket: Ticket, fresh: nn.Module, *, rng: np.random.Generator) -> dict[str, Ticket]:
    """What is left of the ticket without its weights, its places, or its layers' densities.

    "re-initialised" puts the mask on `fresh`, the same network of another initialisation, and trains it from
    step 0; "shuffled" and "random" cut as many of the ticket's weights elsewhere, by layer or anywhere.
    """
    sizes = [(int(kept.count_nonzero()), kept.numel()) for kept in ticket.mask.values()]
    density = sum(kept for kept, _ in sizes) / sum(n for _, n in sizes)
    scores = {name: s for name, s in random(ticket.start.model, rng=rng).items() if name in ticket.mask}
    return {
        "re-initialised": _ticket(run, ticket.mask, Checkpoint(0, fresh)),
        "shuffled": _ticket(run, shuffle(ticket.mask, rng=rng), ticket.start),
        "random": _ticket(run, keep_top(scores, density), ticket.start),
    }


def transfer(run: Run, ticket: Ticket) -> Checkpoint:
    """The ticket's mask and starting weights, trained by another run: other data, or another optimizer.

    Momentum, which the other optimizer may not know, starts afresh, and so does the schedule.
    Morcos, Yu, Paganini & Tian (NeurIPS 2019), "One ticket to win them all".
    """
    return advance(run, Checkpoint(0, ticket.start.model), len(run), ticket.mask)


def _ticket(run: Run, mask: Mask, start: Checkpoint) -> Ticket:
    return Ticket(mask, start, advance(run, start, len(run) - start.step, mask))
