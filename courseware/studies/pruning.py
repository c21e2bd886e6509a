"""The stored runs of lectures 10 and 11, minutes on one core: `python -m courseware.studies.pruning`.

Name parts on the command line to run only those again; the others stay as they are.

    compression   pruned before training to compressions of 1 … 10⁴, by method; weights kept in each layer
    digits        the same on the digits, of 8 × 8 pixels
    tickets       a ticket, and its controls, at falling density, after some steps of training
    rewinding     four ways to retrain a pruned network, for several k and densities
    longer        the same for a training three times as long, one k and one density
    transfer      tickets of one data set and optimizer, trained by another
    ablation      masks of SNIP, GraSP and SynFlow as they are, shuffled, and on other weights, on the digits
    rounds        weights kept by three scores in 1 to 100 rounds, on the digits, one network

The data are Fashion-MNIST of 14 × 14 pixels unless a part says otherwise. Five networks (seeds 0 to 4) for
`compression` and `digits`, three for `tickets`, `rewinding`, `longer`, `transfer` and `ablation`, one for
`rounds`. An array is called `<part>.<field>`, after a field of the part's record in
`pruning_methods`. `accuracy`, `kept` and `dense` have the seed as their first axis, except in `rounds`.
"""

import sys
from functools import partial
from typing import Any

import numpy as np
import torch

from courseware.studies import FOLDER, store
from courseware.studies.pruning_methods import (
    AblationTable,
    CompressionCurve,
    Rewinding,
    RoundsTable,
    Task,
    TicketCurve,
    TransferTable,
    ablation_table,
    batch,
    compression_curve,
    methods_at_initialization,
    rewinding,
    rounds_table,
    ticket_curve,
    transfer_table,
)
from lsml_core.data import Dataset, load
from lsml_core.models import mlp
from lsml_core.pruning.checkpoints import TrainingPlan, shuffled_epochs, step_decay
from lsml_core.pruning.scores import magnitude, snip, synflow

SEEDS = {
    **dict.fromkeys(("compression", "digits"), 5),
    **dict.fromkeys(("tickets", "rewinding", "longer", "transfer", "ablation"), 3),
}
HIDDEN, WIDE = (256, 128, 64, 32), (196, 300, 100, 10)
COMPRESSION = (1, 10, 30, 100, 300, 1000, 3000, 10000)
SHUFFLES = 5
"""Shuffled masks per network and method in the ablation."""
VARYING = {"accuracy", "kept", "dense", "shuffled", "reinitialised"}
"""Fields that differ by seed."""


def run_compression(seed: int) -> CompressionCurve:
    return _curve("fashion", 14, 300, seed)


def run_digits(seed: int) -> CompressionCurve:
    return _curve("digits", 8, 200, seed)


def _curve(name: str, side: int, steps: int, seed: int) -> CompressionCurve:
    rng, (train, test) = np.random.default_rng(seed), _images(name, side)
    model = mlp((side**2, *HIDDEN, 10), rng=rng)
    methods = methods_at_initialization(*batch(train, 200), rng=rng)
    return compression_curve(_adam(train, steps, rng), model, methods, COMPRESSION, test)


def run_tickets(seed: int) -> TicketCurve:
    rng, (train, test) = np.random.default_rng(seed), _images()
    model, fresh = mlp(WIDE, rng=rng), mlp(WIDE, rng=rng)
    return ticket_curve(_sgd(train, rng), model, fresh, 6, 0.5, test, at=(25, 50, 100), rng=rng)


def run_rewinding(seed: int) -> Rewinding:
    rng, (train, test) = np.random.default_rng(seed), _images()
    model = mlp(WIDE, rng=rng)
    return rewinding(_sgd(train, rng), model, (0, 50, 100, 200), (0.2, 0.1, 0.05, 0.025), test)


def run_longer(seed: int) -> Rewinding:
    rng, (train, test) = np.random.default_rng(seed), _images()
    model = mlp(WIDE, rng=rng)
    return rewinding(_sgd(train, rng, 1200), model, (300,), (0.2,), test)


def run_transfer(seed: int) -> TransferTable:
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


def run_ablation(seed: int) -> AblationTable:
    rng, (train, test) = np.random.default_rng(seed), _images("digits", 8)
    model, fresh = (mlp((64, *HIDDEN, 10), rng=np.random.default_rng(s)) for s in (seed, 10 + seed))
    methods = methods_at_initialization(*batch(train, 100), rng=rng)
    masks = {name: methods[name](model, 0.03) for name in ("SNIP", "GraSP", "SynFlow")}
    order = shuffled_epochs(len(train), 64, 800, rng=rng)
    plan = TrainingPlan(train, torch.optim.Adam, step_decay(5e-3, 800, drops=()), order)
    return ablation_table(plan, model, fresh, masks, test, at=(160, 800), shuffles=SHUFFLES, rng=rng)


def run_rounds() -> RoundsTable:
    x, y = batch(load("digits"), 100)
    scores = {
        "SynFlow": partial(synflow, shape=(64,)),
        "SNIP": partial(snip, x=x, y=y),
        "magnitude": magnitude,
    }
    model = mlp((64, *HIDDEN, 10), rng=np.random.default_rng(0))
    return rounds_table(model, scores, (1, 3, 10, 30, 100), (10, 30, 100, 300, 1000, 3000, 10000))


PARTS = {
    "compression": run_compression,
    "digits": run_digits,
    "tickets": run_tickets,
    "rewinding": run_rewinding,
    "longer": run_longer,
    "transfer": run_transfer,
    "ablation": run_ablation,
}


def arrays_of(part: str) -> dict[str, np.ndarray]:
    """The arrays of a part, by `<part>.<field>`."""
    if part == "rounds":
        return {f"rounds.{field}": np.array(value) for field, value in run_rounds()._asdict().items()}
    records = [PARTS[part](seed)._asdict() for seed in range(SEEDS[part])]

    def over_seeds(field: str, first: Any) -> np.ndarray:
        return np.array([record[field] for record in records] if field in VARYING else first)

    return {f"{part}.{field}": over_seeds(field, first) for field, first in records[0].items()}


def _images(name: str = "fashion", side: int = 14) -> tuple[Dataset, Dataset]:
    return load(name, side=side), load(name, side=side, split="test")


def _sgd(train: Dataset, rng: np.random.Generator, steps: int = 400) -> TrainingPlan:
    order = shuffled_epochs(len(train), 64, steps, rng=rng)
    return TrainingPlan(train, partial(torch.optim.SGD, lr=1.0, momentum=0.9), step_decay(0.05, steps), order)


def _adam(train: Dataset, steps: int, rng: np.random.Generator) -> TrainingPlan:
    order = shuffled_epochs(len(train), 64, steps, rng=rng)
    return TrainingPlan(train, partial(torch.optim.Adam, lr=1.0), step_decay(3e-3, steps, drops=()), order)


def main() -> None:
    for part in sys.argv[1:] or (*PARTS, "rounds"):
        fresh, path = arrays_of(part), FOLDER / "pruning.npz"
        others = dict(np.load(path)) if path.exists() else {}
        store("pruning", others | fresh)


if __name__ == "__main__":
    main()
