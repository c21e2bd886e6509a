"""The stored attacks of lecture 09: `python -m courseware.studies.poisoning`. About ten minutes on one core.

Name parts on the command line to run only those again; the others stay. Data: the 8 × 8 digits, 1,437 images.

    transfer   features of a small convolutional network, trained on clean digits and frozen; the output layer
               is trained anew on poisoned digits. 100 targets: attack success and test accuracy without a
               defence and with EPIC, after 10 and 20 epochs; what EPIC drops, and how many of it are poisons
    angle      the angle between the poisons' gradient and the target's, by ε and budget, six targets; one
               target's poisons as images
    clusters   p − y of the poison class while the output layer learns one target's poisons, at five ages
    scratch    the same network trained from a new initialisation on poisoned digits, the same 100 targets
"""

import sys
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy import ndarray
from torch import nn

from courseware.studies import FOLDER, store
from lsml_core.data import Dataset, load
from lsml_core.evaluation import evaluate
from lsml_core.models import convnet, linear
from lsml_core.selection.epic import Epic
from lsml_core.selection.poisoning import Poisons, craft, effective, mismatch, poisoned
from lsml_core.selection.robust_training import current_gradients, fit_epic
from lsml_core.training import fit, predict

Arrays = dict[str, ndarray]
EPSILON, BUDGET, STEPS, EPOCHS, TARGETS = 0.35, 0.03, 100, 20, 100
STOPS, AGES, VICTIM_EPOCHS = (10, 20), (1, 2, 4, 8, 15), 15
NEVER = Epic(0.1, start=10**6)
DEFENCES = {
    "no defence": NEVER,
    "EPIC 10 %": Epic(0.1, start=1, stop=8),
    "EPIC 20 %": Epic(0.2, start=1, stop=6),
}
EPSILONS, BUDGETS, FEW = (0.05, 0.1, 0.2, 0.3, 0.4), (0.01, 0.03), 6
SCRATCH, SCRATCH_TARGETS = {"epsilon": 0.4, "budget": 0.05, "steps": STEPS}, 100


class Setting(NamedTuple):
    """The attacker's network, trained on clean digits; the digits; test digits; their features."""

    network: nn.Module
    train: Dataset
    test: Dataset
    features: Dataset


def setting(seed: int = 0) -> Setting:
    """Train the attacker's network. Only its output layer requires a gradient afterwards.

    seed: of the initial weights and the order of examples.
    """
    rng, train, test = np.random.default_rng(seed), load("digits"), load("digits", split="test")
    network = convnet(8, 10, rng=rng)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    fit(network, train, optimizer=optimizer, epochs=15, batch=64, rng=rng, progress=False)
    for name, w in network.named_parameters():
        w.requires_grad_(name.startswith("output"))
    return Setting(network, train, test, features(network, test))


def features(network: nn.Module, data: Dataset) -> Dataset:
    """What the output layer sees of each image.   network: its last layer is left out."""
    with torch.no_grad():
        x = network[:-1](torch.from_numpy(data.x.copy())).numpy()  # pyright: ignore[reportIndexIssue]
    return Dataset(x, data.y, data.classes, f"features of {data.name}")


def targets(here: Setting, count: int) -> Iterator[tuple[ndarray, int, np.random.Generator]]:
    """Test images that the clean network classifies correctly, each with a wrong class for it.

    here: as `setting` returns it.   count: how many.   Yields image, wrong class and a random generator.
    """
    right = np.flatnonzero(predict(here.network, here.test.x) == here.test.y)
    for seed in range(count):
        rng = np.random.default_rng(seed)
        i = int(rng.choice(right))
        yield here.test.x[i], int(rng.choice(np.setdiff1d(np.arange(10), [here.test.y[i]]))), rng


def run_transfer() -> Iterator[Arrays]:
    """After every ten targets all so far, so that a run that is interrupted is not lost."""
    here, rows = setting(), []
    for target in targets(here, TARGETS):
        rows.append(_one_transfer(here, *target))
        if len(rows) % 10 == 0:
            yield {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _one_transfer(here: Setting, image: ndarray, label: int, rng: np.random.Generator) -> Arrays:
    poisons = craft(
        here.network, here.train, image, label, budget=BUDGET, epsilon=EPSILON, steps=STEPS, rng=rng
    )
    spoiled = features(here.network, poisoned(here.train, poisons))
    seen = features(here.network, Dataset(image[None], np.array([label]), here.train.classes, "target"))
    strong = poisons.indices[_effective(here.network, spoiled, seen, poisons)]
    success, accuracy, dropped = [], [], []
    for defence, stream in zip(DEFENCES.values(), rng.spawn(len(DEFENCES)), strict=True):
        head = linear(spoiled.x.shape[1], 10, rng=stream)
        optimizer = torch.optim.SGD(head.parameters(), lr=0.1, momentum=0.9)
        run = fit_epic(
            head,
            spoiled,
            defence=defence,
            optimizer=optimizer,
            epochs=EPOCHS,
            batch=128,
            rng=stream,
            watch=lambda m: (predict(m, seen.x)[0] == label, evaluate(m, here.features)[1]),
        )
        at = [run.watched[stop - 1] for stop in STOPS]
        success.append([hit for hit, _ in at])
        accuracy.append([right for _, right in at])
        gone = np.setdiff1d(np.arange(len(spoiled)), run.kept)
        clean = np.setdiff1d(np.arange(len(spoiled)), poisons.indices)
        dropped.append(
            [np.isin(some, gone).mean() if len(some) else np.nan for some in (strong, poisons.indices, clean)]
        )
    return {
        "success": np.array(success),
        "accuracy": np.array(accuracy),
        "dropped": np.array(dropped),
        "effective": np.array(len(strong)),
        "mismatch": np.array(mismatch(here.network, here.train, poisons, image, label)),
    }


def _effective(network: nn.Module, spoiled: Dataset, seen: Dataset, poisons: Poisons) -> ndarray:
    """By p − y at the attacker's output layer."""
    head = network[-1]  # pyright: ignore[reportIndexIssue]
    wanted = current_gradients(head, seen)[0]
    return effective(current_gradients(head, spoiled)[poisons.indices], wanted)


def run_angle() -> Iterator[Arrays]:
    here = setting()
    found = np.zeros((FEW, len(EPSILONS), len(BUDGETS)))
    flips = np.zeros(found.shape, bool)
    for t, (image, label, _) in enumerate(targets(here, FEW)):
        seen = features(here.network, Dataset(image[None], np.array([label]), here.train.classes, "target"))
        for i, epsilon in enumerate(EPSILONS):
            for j, budget in enumerate(BUDGETS):
                rng = np.random.default_rng(t)
                how = {"budget": budget, "epsilon": epsilon, "steps": STEPS, "rng": rng}
                poisons = craft(here.network, here.train, image, label, **how)
                found[t, i, j] = mismatch(here.network, here.train, poisons, image, label)
                flips[t, i, j] = _flips(here, poisons, seen, label, rng)
    yield {"mismatch": found, "success": flips} | _images(here)


def _flips(here: Setting, poisons: Poisons, seen: Dataset, label: int, rng: np.random.Generator) -> bool:
    spoiled = features(here.network, poisoned(here.train, poisons))
    head = linear(spoiled.x.shape[1], 10, rng=rng)
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1, momentum=0.9)
    fit(head, spoiled, optimizer=optimizer, epochs=VICTIM_EPOCHS, batch=64, rng=rng, progress=False)
    return bool(predict(head, seen.x)[0] == label)


def _images(here: Setting) -> Arrays:
    """The first target, and four of its poisons before and after, for every ε at the largest budget."""
    image, label, _ = next(targets(here, 1))
    before, after = [], []
    for epsilon in EPSILONS:
        rng = np.random.default_rng(0)
        how = {"budget": BUDGETS[-1], "epsilon": epsilon, "steps": STEPS, "rng": rng}
        poisons = craft(here.network, here.train, image, label, **how)
        four = poisons.indices[:4]
        before.append(here.train.x[four])
        after.append(poisoned(here.train, poisons).x[four])
    return {"target": image, "label": np.array(label), "before": np.array(before), "after": np.array(after)}


def run_clusters() -> Iterator[Arrays]:
    here = setting()
    image, label, rng = next(targets(here, 1))
    how = {"budget": BUDGET, "epsilon": EPSILON, "steps": STEPS, "rng": rng}
    poisons = craft(here.network, here.train, image, label, **how)
    spoiled = features(here.network, poisoned(here.train, poisons))
    seen = features(here.network, Dataset(image[None], np.array([label]), here.train.classes, "target"))
    strong = poisons.indices[_effective(here.network, spoiled, seen, poisons)]
    members = np.flatnonzero(spoiled.y == label)
    head = linear(spoiled.x.shape[1], 10, rng=rng)
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1, momentum=0.9)
    found, wanted, flips, age = [], [], [], 0
    for until in AGES:
        fit(head, spoiled, optimizer=optimizer, epochs=until - age, batch=64, rng=rng, progress=False)
        found.append(current_gradients(head, spoiled)[members])
        wanted.append(current_gradients(head, seen)[0])
        flips.append(predict(head, seen.x)[0] == label)
        age = until
    yield {
        "gradients": np.array(found, dtype=np.float32),
        "target": np.array(wanted, dtype=np.float32),
        "poison": np.isin(members, poisons.indices),
        "effective": np.isin(members, strong),
        "flipped": np.array(flips),
    }


def run_scratch() -> Iterator[Arrays]:
    here = setting()
    for w in here.network.parameters():
        w.requires_grad_(True)
    rows = []
    for image, label, rng in targets(here, SCRATCH_TARGETS):
        poisons = craft(here.network, here.train, image, label, restarts=1, rng=rng, **SCRATCH)
        spoiled, row = poisoned(here.train, poisons), []
        for defence, stream in zip(list(DEFENCES.values())[:2], rng.spawn(2), strict=True):
            model = convnet(8, 10, rng=stream)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
            how = {"optimizer": optimizer, "epochs": VICTIM_EPOCHS, "batch": 64, "rng": stream}
            run = fit_epic(model, spoiled, defence=defence, **how)
            gone = np.setdiff1d(np.arange(len(spoiled)), run.kept)
            clean = np.setdiff1d(np.arange(len(spoiled)), poisons.indices)
            hit = predict(model, image[None])[0] == label
            row.append(
                [
                    hit,
                    evaluate(model, here.test)[1],
                    *(np.isin(s, gone).mean() for s in (poisons.indices, clean)),
                ]
            )
        rows.append(row)
    success, accuracy, *dropped = np.moveaxis(np.array(rows, dtype=float), -1, 0)
    yield {"success": success, "accuracy": accuracy, "dropped": np.stack(dropped, axis=-1)}


PARTS = {"transfer": run_transfer, "angle": run_angle, "clusters": run_clusters, "scratch": run_scratch}


def main() -> None:
    for part in sys.argv[1:] or PARTS:
        for arrays in PARTS[part]():
            path = FOLDER / "poisoning.npz"
            others = dict(np.load(path)) if path.exists() else {}
            store("poisoning", others | {f"{part}.{name}": array for name, array in arrays.items()})


if __name__ == "__main__":
    main()
