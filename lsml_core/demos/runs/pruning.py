"""The stored runs of lectures 10 and 11, minutes on one core: `python -m lsml_core.demos.runs.pruning`.

Words on the command line name the parts to make anew; the others stay.

    compression   pruned before training to 10⁰ … 10⁴, by method; weights kept in each layer
    tickets       a ticket, and its controls, at falling density, after some steps of training
    rewinding     what is restored when a trained network was cut, for several k

Fashion-MNIST of 14 × 14 pixels. `<part>.accuracy` and what else differs by seed has the seed as first axis;
the other arrays of a part, `<part>.<field>` of its record in `pruning.experiments`, name the further ones.
"""

import sys
from functools import partial
from typing import Any

import numpy as np
import torch

from lsml_core.data import load
from lsml_core.demos.runs import FOLDER, store
from lsml_core.models import mlp
from lsml_core.pruning.experiments import (
    CompressionCurve,
    Rewinding,
    TicketCurve,
    at_initialization,
    batch,
    compression_curve,
    rewinding,
    ticket_curve,
)
from lsml_core.pruning.tickets import Run, shuffled_epochs, staircase

SEEDS = 2
DEEP, WIDE = (196, 256, 128, 64, 32, 10), (196, 300, 100, 10)
VARYING = {"accuracy", "kept", "dense"}
"""What differs by seed."""


def of_compression(seed: int) -> CompressionCurve:
    rng, (train, test) = np.random.default_rng(seed), _images()
    model = mlp(DEEP, rng=rng)
    order = shuffled_epochs(len(train), 64, 300, rng=rng)
    run = Run(train, partial(torch.optim.Adam, lr=1.0), staircase(3e-3, 300, drops=()), order)
    methods = at_initialization(*batch(train, 200), rng=rng)
    return compression_curve(run, model, methods, [1, *np.logspace(1, 4, 7)], test)


def of_tickets(seed: int) -> TicketCurve:
    rng, (_, test) = np.random.default_rng(seed), _images()
    model, fresh = mlp(WIDE, rng=rng), mlp(WIDE, rng=rng)
    return ticket_curve(_sgd(rng), model, fresh, 6, 0.5, test, at=(25, 50, 100), rng=rng)


def of_rewinding(seed: int) -> Rewinding:
    rng, (_, test) = np.random.default_rng(seed), _images()
    model = mlp(WIDE, rng=rng)
    return rewinding(_sgd(rng), model, (0, 50, 100, 200), (0.1, 0.05, 0.025), test)


PARTS = {"compression": of_compression, "tickets": of_tickets, "rewinding": of_rewinding}


def arrays_of(part: str) -> dict[str, np.ndarray]:
    records = [PARTS[part](seed)._asdict() for seed in range(SEEDS)]

    def over_seeds(field: str, first: Any) -> np.ndarray:
        return np.array([record[field] for record in records] if field in VARYING else first)

    return {f"{part}.{field}": over_seeds(field, first) for field, first in records[0].items()}


def _images() -> tuple:
    return load("fashion", side=14), load("fashion", side=14, split="test")


def _sgd(rng: np.random.Generator) -> Run:
    train, _ = _images()
    order = shuffled_epochs(len(train), 64, 400, rng=rng)
    return Run(train, partial(torch.optim.SGD, lr=1.0, momentum=0.9), staircase(0.05, 400), order)


def main() -> None:
    for part in sys.argv[1:] or PARTS:
        fresh, path = arrays_of(part), FOLDER / "pruning.npz"
        others = dict(np.load(path)) if path.exists() else {}
        store("pruning", others | fresh)


if __name__ == "__main__":
    main()
