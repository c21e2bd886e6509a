"""The comparisons of lectures 10 and 11: one network and one training plan, pruned in different ways.

    plan       the `TrainingPlan` that every variant is trained by
    accuracy   fraction of the test set, in [0, 1]
    kept       number of weights left in each layer
    reached    units of each layer that a signal from the inputs reaches

`courseware.studies.pruning` runs those that take minutes, once per seed, and stores what they return.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, Int64, Shaped
from numpy import ndarray
from torch import Tensor, nn

from lsml_core.masking import Mask
from lsml_core.pruning.checkpoints import Checkpoint, TrainingPlan, advance
from lsml_core.pruning.connectivity import reached_units
from lsml_core.pruning.masks import exponential, keep_top, prune
from lsml_core.pruning.scores import Scores, grasp, magnitude, prunable, random, snip, synflow
from lsml_core.pruning.tickets import Ticket, controls, imp, shuffle, transfer, two_by_two
from lsml_core.training import Examples, evaluate

Method = Callable[[nn.Module, float | int], Mask]
WAYS = ("fine-tuning", "weight rewinding", "learning-rate rewinding", "weights only")
CONTROLS = ("re-initialised", "shuffled", "random")


def methods_at_initialization(
    x: Shaped[Tensor, "n ..."], y: Int64[Tensor, " n"], *, rng: np.random.Generator, rounds: int = 100
) -> dict[str, Method]:
    """Name -> function of a model and a density that returns a mask.

    The first five are as in their papers. The others use the other number of rounds, 1 or `rounds`, so that
    the effect of the rounds and the effect of the score can be told apart.
    x, y: the batch that SNIP and GraSP look at.
    rounds: of SynFlow and of the methods in rounds, at least 1.
    """
    snipped, grasped = partial(snip, x=x, y=y), partial(grasp, x=x, y=y)
    flowing = partial(synflow, shape=tuple(x.shape[1:]))
    return {
        "random": _in_rounds(partial(random, rng=rng), 1),
        "magnitude": _in_rounds(magnitude, 1),
        "SNIP": _in_rounds(snipped, 1),
        "GraSP": _in_rounds(grasped, 1),
        "SynFlow": _in_rounds(flowing, rounds),
        "SNIP in rounds": _in_rounds(snipped, rounds),
        "GraSP in rounds": _in_rounds(grasped, rounds),
        "SynFlow at once": _in_rounds(flowing, 1),
    }


class CompressionCurve(NamedTuple):
    """accuracy: fraction of the test set.   kept: weights left in each layer."""

    methods: tuple[str, ...]
    compression: Float[ndarray, " c"]
    accuracy: Float[ndarray, "methods c"]
    kept: Int[ndarray, "methods c layers"]


def compression_curve(
    plan: TrainingPlan,
    model: nn.Module,
    methods: dict[str, Method],
    compression: Sequence[float | int],
    test: Examples,
) -> CompressionCurve:
    """Prune the untrained network to each compression by each method, train what is left, and test it.

    model: the untrained network.   methods: name -> function of a model and a density that returns a mask.
    compression: weights before over weights after, at least 1.   test: examples for the accuracy.
    """
    accuracy = np.empty((len(methods), len(compression)))
    kept = np.empty((*accuracy.shape, len(prunable(model))), np.int64)
    for i, method in enumerate(methods.values()):
        for j, c in enumerate(compression):
            mask = method(model, 1 / c)
            kept[i, j] = [int(m.count_nonzero()) for m in mask.values()]
            accuracy[i, j] = _accuracy(advance(plan, Checkpoint(0, model), len(plan), mask), test)
    return CompressionCurve(tuple(methods), np.array(compression, float), accuracy, kept)


class TicketCurve(NamedTuple):
    """density: fraction kept after 0, 1, … rounds.   at: numbers of steps, the whole training last."""

    variants: tuple[str, ...]
    density: Float[ndarray, " rounds"]
    at: Int[ndarray, " steps"]
    accuracy: Float[ndarray, "variants rounds steps"]


def ticket_curve(
    plan: TrainingPlan,
    model: nn.Module,
    fresh: nn.Module,
    rounds: int,
    rate: float | int,
    test: Examples,
    *,
    at: Sequence[int],
    rng: np.random.Generator,
) -> TicketCurve:
    """The tickets of `imp` and their controls, tested after each number of steps in `at` and at the end.

    model, fresh: one architecture with two sets of initial weights.   rounds: of pruning.
    rate: fraction of the remaining weights that a round removes.   at: increasing numbers of steps.
    """
    tickets = imp(plan, model, rounds, rate)
    sets = [{"ticket": ticket} | controls(plan, ticket, fresh, rng=rng) for ticket in tickets]
    curves = np.array([[_learning(plan, each, at, test) for each in variants.values()] for variants in sets])
    density = (1 - rate) ** np.arange(rounds + 1)
    return TicketCurve(tuple(sets[0]), density, np.array([*at, len(plan)]), np.swapaxes(curves, 0, 1))


class Rewinding(NamedTuple):
    """k: steps rewound to.   density: fraction of the weights kept.   dense: accuracy before pruning."""

    ways: tuple[str, ...]
    k: Int[ndarray, " k"]
    density: Float[ndarray, " densities"]
    accuracy: Float[ndarray, "ways k densities"]
    dense: float


def rewinding(
    plan: TrainingPlan, model: nn.Module, ks: Sequence[int], densities: Sequence[float | int], test: Examples
) -> Rewinding:
    """Train, prune once by magnitude, and retrain for T − k steps in the four ways of `two_by_two`.

    model: the untrained network.   ks: steps from 0 to T = len(plan).   densities: fractions kept, in (0, 1].
    """
    accuracy = np.empty((len(WAYS), len(ks), len(densities)))
    state, early = Checkpoint(0, model), {}
    for k in sorted(ks):
        state = early[k] = advance(plan, state, k - state.step)
    late = advance(plan, state, len(plan) - state.step)
    for j, k in enumerate(ks):
        for d, density in enumerate(densities):
            mask = keep_top(magnitude(late.model), density)
            ways = two_by_two(plan, mask, early[k], late)
            accuracy[:, j, d] = [_accuracy(ways[name], test) for name in WAYS]
    return Rewinding(WAYS, np.array(ks), np.array(densities), accuracy, _accuracy(late, test))


class RoundsTable(NamedTuple):
    """What is left for every score, number of rounds and compression: the first three fields, and the axes.

    kept: weights left in each layer.   reached: units that a signal from the inputs reaches.
    """

    scores: tuple[str, ...]
    rounds: Int[ndarray, " rounds"]
    compression: Float[ndarray, " c"]
    kept: Int[ndarray, "scores rounds c layers"]
    reached: Int[ndarray, "scores rounds c layers+1"]


def rounds_table(
    model: nn.Module,
    scores: Mapping[str, Callable[[nn.Module], Scores]],
    rounds: Sequence[int],
    compression: Sequence[float | int],
) -> RoundsTable:
    """Prune the untrained network to each compression, by each score, in each number of rounds.

    scores: name -> score function of a model.   rounds: numbers of rounds, at least 1.
    compression: weights before over weights after, at least 1.
    """
    masks = [
        prune(model, score, exponential(1 / c, n))
        for score in scores.values()
        for n in rounds
        for c in compression
    ]
    kept = np.array([[int(m.count_nonzero()) for m in mask.values()] for mask in masks])
    reached = np.array([reached_units(mask) for mask in masks])
    shape = len(scores), len(rounds), len(compression), -1
    numbers = np.array(rounds), np.array(compression, float)
    return RoundsTable(tuple(scores), *numbers, kept.reshape(shape), reached.reshape(shape))


class AblationTable(NamedTuple):
    """accuracy: of the masks as they are.   shuffled: one row per shuffle.   reinitialised: on `fresh`."""

    methods: tuple[str, ...]
    at: Int[ndarray, " steps"]
    accuracy: Float[ndarray, "methods steps"]
    shuffled: Float[ndarray, "methods shuffles steps"]
    reinitialised: Float[ndarray, "methods steps"]


def ablation_table(
    plan: TrainingPlan,
    model: nn.Module,
    fresh: nn.Module,
    masks: Mapping[str, Mask],
    test: Examples,
    *,
    at: Sequence[int],
    shuffles: int,
    rng: np.random.Generator,
) -> AblationTable:
    """Masks of an untrained model, as they are, shuffled within layers, and on other initial weights.

    masks: method -> its mask.
    fresh: the same architecture with other initial weights.
    at: numbers of training steps, increasing, after which all are tested.
    shuffles: how often each mask is shuffled.
    Frankle, Dziugaite, Roy & Carbin (ICLR 2021), "Pruning neural networks at initialization: why are we
    missing the mark?".
    """

    def tested(each: nn.Module, mask: Mask) -> list[float]:
        return _accuracy_at(plan, Checkpoint(0, each), at, mask, test)

    as_it_is = [tested(model, mask) for mask in masks.values()]
    shuffled = [[tested(model, shuffle(mask, rng=rng)) for _ in range(shuffles)] for mask in masks.values()]
    reinitialised = [tested(fresh, mask) for mask in masks.values()]
    return AblationTable(
        tuple(masks), np.array(at), np.array(as_it_is), np.array(shuffled), np.array(reinitialised)
    )


Task = tuple[TrainingPlan, Examples | None]
"""How to train, and the test set; None if only the tickets of this task are needed."""


class TransferTable(NamedTuple):
    """targets: tasks whose plan trains the tickets.   sources: tasks that found them, then `CONTROLS`."""

    targets: tuple[str, ...]
    sources: tuple[str, ...]
    density: Float[ndarray, " rounds"]
    accuracy: Float[ndarray, "targets sources rounds"]


def transfer_table(
    tasks: Mapping[str, Task],
    model: nn.Module,
    fresh: nn.Module,
    rounds: int,
    rate: float | int,
    *,
    rng: np.random.Generator,
) -> TransferTable:
    """The tickets of every task and the controls, trained by the plan of every task that has a test set.

    All tickets start from the same initial weights; they differ only in the task that found their mask.
    tasks: by name.   model, fresh: one architecture with two sets of initial weights.
    rounds: of pruning.   rate: fraction of the remaining weights that a round removes.
    """
    found = {name: imp(plan, model, rounds, rate)[1:] for name, (plan, _) in tasks.items()}
    targets = [(name, plan, test) for name, (plan, test) in tasks.items() if test is not None]
    accuracy = np.empty((len(targets), len(tasks) + len(CONTROLS), rounds))
    for t, (target, plan, test) in enumerate(targets):
        for r in range(rounds):
            ends = [transfer(plan, tickets[r]) for tickets in found.values()]
            ends += [c.trained for c in controls(plan, found[target][r], fresh, rng=rng).values()]
            accuracy[t, :, r] = [_accuracy(end, test) for end in ends]
    density = (1 - rate) ** np.arange(1, rounds + 1)
    return TransferTable(tuple(name for name, _, _ in targets), (*tasks, *CONTROLS), density, accuracy)


def batch(data: Examples, n: int) -> tuple[Shaped[Tensor, "n ..."], Int64[Tensor, " n"]]:
    """The first n examples as tensors, for a score that looks at one batch."""
    return torch.from_numpy(data.x[:n].copy()), torch.from_numpy(data.y[:n].copy())


def _in_rounds(score: Callable[[nn.Module], Scores], rounds: int) -> Method:
    return lambda model, density: prune(model, score, exponential(density, rounds))


def _learning(plan: TrainingPlan, ticket: Ticket, at: Sequence[int], test: Examples) -> list[float]:
    return [*_accuracy_at(plan, ticket.start, at, ticket.mask, test), _accuracy(ticket.trained, test)]


def _accuracy_at(
    plan: TrainingPlan, state: Checkpoint, at: Sequence[int], mask: Mask, test: Examples
) -> list[float]:
    accuracy = []
    for step in at:
        state = advance(plan, state, step - state.step, mask)
        accuracy.append(_accuracy(state, test))
    return accuracy


def _accuracy(state: Checkpoint, test: Examples) -> float:
    return evaluate(state.model, test)[1]
