"""The comparisons of lectures 10 and 11: the same networks and runs, pruned in different ways.

    runs       one `Run` a seed, beside one freshly initialised network a seed
    accuracy   share of the test set, one row a seed
    kept       weights left in each layer

`demos.runs.pruning` makes and stores the ones that take minutes.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, Int64, Shaped
from numpy import ndarray
from torch import Tensor, nn

from lsml_core.pruning.masks import exponential, keep_top, prune
from lsml_core.pruning.scores import Scores, grasp, magnitude, prunable, random, snip, synflow
from lsml_core.pruning.tickets import Checkpoint, Run, Ticket, advance, controls, imp, transfer, two_by_two
from lsml_core.training import Examples, Mask, evaluate

Method = Callable[[nn.Module, float | int], Mask]
WAYS = ("fine-tuning", "weight rewinding", "learning-rate rewinding", "weights only")
CONTROLS = ("re-initialised", "shuffled", "random")


def at_initialization(
    x: Shaped[Tensor, "n ..."], y: Int64[Tensor, " n"], *, rng: np.random.Generator, rounds: int = 100
) -> dict[str, Method]:
    """Name -> function of a model and a density: five as in their papers, then those with the other count of
    rounds, so that iteration and conservation are seen apart.
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
    methods: tuple[str, ...]
    compression: Float[ndarray, " c"]
    accuracy: Float[ndarray, "methods c"]
    kept: Int[ndarray, "methods c layers"]


def compression_curve(
    run: Run, model: nn.Module, methods: dict[str, Method], compression: Sequence[float | int], test: Examples
) -> CompressionCurve:
    """Prune the untrained network to each compression, train what is left, test it."""
    accuracy = np.empty((len(methods), len(compression)))
    kept = np.empty((*accuracy.shape, len(prunable(model))), np.int64)
    for i, method in enumerate(methods.values()):
        for j, c in enumerate(compression):
            mask = method(model, 1 / c)
            kept[i, j] = [int(m.count_nonzero()) for m in mask.values()]
            accuracy[i, j] = _accuracy(advance(run, Checkpoint(0, model), len(run), mask), test)
    return CompressionCurve(tuple(methods), np.array(compression, float), accuracy, kept)


class TicketCurve(NamedTuple):
    variants: tuple[str, ...]
    density: Float[ndarray, " rounds"]
    at: Int[ndarray, " steps"]
    accuracy: Float[ndarray, "variants rounds steps"]


def ticket_curve(
    run: Run,
    model: nn.Module,
    fresh: nn.Module,
    rounds: int,
    rate: float | int,
    test: Examples,
    *,
    at: Sequence[int],
    rng: np.random.Generator,
) -> TicketCurve:
    """Every ticket of `imp`, and its controls, tested after the steps `at` of training and at the end."""
    tickets = imp(run, model, rounds, rate)
    sets = [{"ticket": ticket} | controls(run, ticket, fresh, rng=rng) for ticket in tickets]
    curves = np.array([[_learning(run, each, at, test) for each in variants.values()] for variants in sets])
    density = (1 - rate) ** np.arange(rounds + 1)
    return TicketCurve(tuple(sets[0]), density, np.array([*at, len(run)]), np.swapaxes(curves, 0, 1))


class Rewinding(NamedTuple):
    ways: tuple[str, ...]
    k: Int[ndarray, " k"]
    density: Float[ndarray, " densities"]
    accuracy: Float[ndarray, "ways k densities"]
    dense: float


def rewinding(
    run: Run, model: nn.Module, ks: Sequence[int], densities: Sequence[float | int], test: Examples
) -> Rewinding:
    """Train, cut once by magnitude, retrain for T − k steps in the four ways of `two_by_two`."""
    accuracy = np.empty((len(WAYS), len(ks), len(densities)))
    state, early = Checkpoint(0, model), {}
    for k in sorted(ks):
        state = early[k] = advance(run, state, k - state.step)
    late = advance(run, state, len(run) - state.step)
    for j, k in enumerate(ks):
        for d, density in enumerate(densities):
            mask = keep_top(magnitude(late.model), density)
            ways = two_by_two(run, mask, early[k], late)
            accuracy[:, j, d] = [_accuracy(ways[name], test) for name in WAYS]
    return Rewinding(WAYS, np.array(ks), np.array(densities), accuracy, _accuracy(late, test))


Task = tuple[Run, Examples | None]
"""How to train, and what to test on; None where only the tickets are wanted."""


class TransferTable(NamedTuple):
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
    """Every task's tickets, trained by the run of every task that has a test set, and the controls there.

    All tickets come from the same initial weights, so that only what they learned from differs.
    """
    found = {name: imp(run, model, rounds, rate)[1:] for name, (run, _) in tasks.items()}
    targets = [(name, run, test) for name, (run, test) in tasks.items() if test is not None]
    accuracy = np.empty((len(targets), len(tasks) + len(CONTROLS), rounds))
    for t, (target, run, test) in enumerate(targets):
        for r in range(rounds):
            ends = [transfer(run, tickets[r]) for tickets in found.values()]
            ends += [c.trained for c in controls(run, found[target][r], fresh, rng=rng).values()]
            accuracy[t, :, r] = [_accuracy(end, test) for end in ends]
    density = (1 - rate) ** np.arange(1, rounds + 1)
    return TransferTable(tuple(name for name, _, _ in targets), (*tasks, *CONTROLS), density, accuracy)


def batch(data: Examples, n: int) -> tuple[Shaped[Tensor, "n ..."], Int64[Tensor, " n"]]:
    """The first n examples, for a score that looks at one batch."""
    return torch.from_numpy(data.x[:n].copy()), torch.from_numpy(data.y[:n].copy())


def _in_rounds(score: Callable[[nn.Module], Scores], rounds: int) -> Method:
    return lambda model, density: prune(model, score, exponential(density, rounds))


def _learning(run: Run, ticket: Ticket, at: Sequence[int], test: Examples) -> list[float]:
    state, accuracy = ticket.start, []
    for step in at:
        state = advance(run, state, step - state.step, ticket.mask)
        accuracy.append(_accuracy(state, test))
    return [*accuracy, _accuracy(ticket.trained, test)]


def _accuracy(state: Checkpoint, test: Examples) -> float:
    return evaluate(state.model, test)[1]
