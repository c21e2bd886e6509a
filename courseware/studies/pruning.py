"""The stored runs of lectures 10 and 11, minutes on one core: `python -m courseware.studies.pruning`.

Words on the command line name the parts to make anew; the others stay.

    compression   pruned before training to 10⁰ … 10⁴, by method; weights kept in each layer
    digits        the same on the digits, of 8 × 8 pixels
    tickets       a ticket, and its controls, at falling density, after some steps of training
    rewinding     what is restored when a trained network was cut, for several k
    transfer      tickets of one data set and optimizer, trained by another

Fashion-MNIST of 14 × 14 pixels, where nothing else is said. `<part>.accuracy` and what else differs by
seed has the seed as first axis; the other arrays of a part, `<part>.<field>` of its record in
`pruning.experiments`, name the further ones.
"""

import sys
from functools import partial
from typing import Any

import numpy as np
import torch

from courseware.studies import FOLDER, store
from courseware.studies.pruning_methods import (
    CompressionCurve,
    Rewinding,
    Task,
    TicketCurve,
    TransferTable,
    at_initialization,
    batch,
    compression_curve,
    rewinding,
    ticket_curve,
    transfer_table,
)
from lsml_core.data import Dataset, load
from lsml_core.models import mlp
from lsml_core.pruning.tickets import Run, shuffled_epochs, staircase

SEEDS = 2
HIDDEN, WIDE = (256, 128, 64, 32), (196, 300, 100, 10)
COMPRESSION = (1, *np.logspace(1, 4, 7))
VARYING = {"accuracy", "kept", "dense"}
"""What differs by seed."""


def of_compression(seed: int) -> CompressionCurve:
    return _curve("fashion", 14, 300, seed)


def of_digits(seed: int) -> CompressionCurve:
    return _curve("digits", 8, 200, seed)


def _curve(name: str, side: int, steps: int, seed: int) -> CompressionCurve:
    rng, (train, test) = np.random.default_rng(seed), _images(name, side)
    model = mlp((side**2, *HIDDEN, 10), rng=rng)
    methods = at_initialization(*batch(train, 200), rng=rng)
    return compression_curve(_adam(train, steps, rng), model, methods, COMPRESSION, test)


def of_tickets(seed: int) -> TicketCurve:
    rng, (train, test) = np.random.default_rng(seed), _images()
    model, fresh = mlp(WIDE, rng=rng), mlp(WIDE, rng=rng)
    return ticket_curve(_sgd(train, rng), model, fresh, 6, 0.5, test, at=(25, 50, 100), rng=rng)


def of_rewinding(seed: int) -> Rewinding:
    rng, (train, test) = np.random.default_rng(seed), _images()
    model = mlp(WIDE, rng=rng)
    return rewinding(_sgd(train, rng), model, (0, 50, 100, 200), (0.1, 0.05, 0.025), test)


def of_transfer(seed: int) -> TransferTable:
    rng = np.random.default_rng(seed)
    model, fresh = mlp(WIDE, rng=rng), mlp(WIDE, rng=rng)
    (shirts, worn), (ciphers, read) = _images("fashion", 14), _images("mnist", 14)
    tasks: dict[str, Task] = {
        "Fashion, SGD": (_sgd(shirts, rng), worn),
        "Fashion, Adam": (_adam(shirts, 400, rng), worn),
        "MNIST, SGD": (_sgd(ciphers, rng), read),
        "MNIST, Adam": (_adam(ciphers, 400, rng), read),
        "500 of MNIST, SGD": (_sgd(ciphers.subset(range(500)), rng), None),
        "random labels, SGD": (_sgd(ciphers.relabel(rng.permutation(ciphers.y)), rng), None),
    }
    return transfer_table(tasks, model, fresh, 4, 0.6, rng=rng)


PARTS = {
    "compression": of_compression,
    "digits": of_digits,
    "tickets": of_tickets,
    "rewinding": of_rewinding,
    "transfer": of_transfer,
}


def arrays_of(part: str) -> dict[str, np.ndarray]:
    records = [PARTS[part](seed)._asdict() for seed in range(SEEDS)]

    def over_seeds(field: str, first: Any) -> np.ndarray:
        return np.array([record[field] for record in records] if field in VARYING else first)

    return {f"{part}.{field}": over_seeds(field, first) for field, first in records[0].items()}


def _images(name: str = "fashion", side: int = 14) -> tuple[Dataset, Dataset]:
    return load(name, side=side), load(name, side=side, split="test")


def _sgd(train: Dataset, rng: np.random.Generator) -> Run:
    order = shuffled_epochs(len(train), 64, 400, rng=rng)
    return Run(train, partial(torch.optim.SGD, lr=1.0, momentum=0.9), staircase(0.05, 400), order)


def _adam(train: Dataset, steps: int, rng: np.random.Generator) -> Run:
    order = shuffled_epochs(len(train), 64, steps, rng=rng)
    return Run(train, partial(torch.optim.Adam, lr=1.0), staircase(3e-3, steps, drops=()), order)


def main() -> None:
    for part in sys.argv[1:] or PARTS:
        fresh, path = arrays_of(part), FOLDER / "pruning.npz"
        others = dict(np.load(path)) if path.exists() else {}
        store("pruning", others | fresh)


if __name__ == "__main__":
    main()
