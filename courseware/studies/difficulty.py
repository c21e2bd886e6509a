"""Stored runs on which examples are hard: `python -m courseware.studies.difficulty`, ten minutes on one core.

    forgetting   which training images three networks classified correctly at each presentation: MNIST, the
                 same with its pixels permuted, and Fashion-MNIST
    noise        the same for 1,300 digits of which some have wrong labels, and EL2N of ten networks by epoch
    original     the same for these digits with their original labels
    halves       accuracy on two halves of Fashion-MNIST that take turns in training, for three lengths of the
                 turns
    settings     the values along the axes of these arrays

Images of MNIST and Fashion-MNIST are 14×14. Every number is measured for several seeds; the last axis of
`…_runs` is the seed.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.studies import store
from lsml_core.data import Dataset, label_noise, load
from lsml_core.models import mlp
from lsml_core.selection.difficulty import el2n, forgetting_events, unforgettable
from lsml_core.selection.early_training import early_probabilities
from lsml_core.training import evaluate, fit

SEEDS = 3
SETS = ("mnist", "permuted", "fashion")
PRESENTATIONS = 25
NOISES = (0.1, 0.2, 0.4)
NOISY_EPOCHS, NOISY_NETS, NET_EPOCHS = 80, 10, 20
PHASES, PHASE_LENGTHS, HALF, CONTINUAL_SEEDS = 6, (2, 5, 10), 1500, 4


def train(
    model: torch.nn.Module,
    data: Dataset,
    epochs: int,
    rng: np.random.Generator,
    record: tuple[str, ...] = (),
) -> dict[str, ndarray]:
    """SGD with momentum 0.9, η = 0.1 on digits and 0.05 on larger images, batches of 64.

    model: is trained in place.   data: all are used.   epochs: passes over them.   rng: their order.
    record: what is recorded of each example, see `training.fit`.
    """
    eta = 0.1 if data.x.shape[1] == 64 else 0.05
    optimizer = torch.optim.SGD(model.parameters(), lr=eta, momentum=0.9)
    run = fit(
        model, data, optimizer=optimizer, epochs=epochs, batch=64, rng=rng, record=record, progress=False
    )
    return run.records


def correct_record(model: torch.nn.Module, data: Dataset, epochs: int, rng: np.random.Generator) -> ndarray:
    """Whether each example was classified correctly at each presentation, (epochs, n).

    model: is trained in place.
    """
    return train(model, data, epochs, rng, record=("correct",))["correct"]


def network(data: Dataset, *, rng: np.random.Generator, width: int = 100) -> torch.nn.Module:
    """One hidden layer of this width.   data: fits its inputs and classes.   rng: first weights."""
    return mlp((int(np.prod(data.x.shape[1:])), width, len(data.classes)), rng=rng)


def permuted(data: Dataset) -> Dataset:
    """The pixels of all images in another order, the same order for all."""
    order = np.random.default_rng(0).permutation(196)
    return Dataset(data.x.reshape(-1, 196)[:, order], data.y, data.classes, f"permuted {data.name}")


def forgetting() -> Iterator[tuple[str, ndarray]]:
    sets = {"mnist": load("mnist", side=14), "fashion": load("fashion", side=14)}
    sets["permuted"] = permuted(sets["mnist"])
    for name in SETS:
        runs = [
            correct_record(network(sets[name], rng=rng), sets[name], PRESENTATIONS, rng)
            for rng in np.random.default_rng(0).spawn(SEEDS)
        ]
        yield f"{name}_runs", np.packbits(np.stack(runs, axis=-1), axis=0)


def noise() -> Iterator[tuple[str, ndarray]]:
    digits = load("digits").subset(np.arange(1300))
    for share in NOISES:
        correct, scores, wrong = [], [], []
        for rng in np.random.default_rng(1).spawn(SEEDS):
            y, indices = label_noise(digits.y, share, 10, rng=rng)
            data = Dataset(digits.x.reshape(1300, -1), y, digits.classes, "noisy digits")
            correct.append(correct_record(network(data, rng=rng, width=256), data, NOISY_EPOCHS, rng))
            scores.append(scores_by_epoch(data, rng))
            wrong.append(np.isin(np.arange(1300), indices))
        yield f"noise{share:g}_correct_runs", np.packbits(np.stack(correct, axis=-1), axis=0)
        yield f"noise{share:g}_el2n_runs", np.stack(scores, axis=-1).astype(np.float16)
        yield f"noise{share:g}_wrong_runs", np.stack(wrong, axis=-1)


def scores_by_epoch(data: Dataset, rng: np.random.Generator) -> ndarray:
    """EL2N before training and after each epoch, mean over NOISY_NETS networks, (1 + NET_EPOCHS, n)."""
    make = partial(network, data, width=256)
    p = early_probabilities(make, data, runs=NOISY_NETS, epochs=NET_EPOCHS, eta=0.1, batch=64, rng=rng)
    return np.array([el2n(p[:, age], data.y) for age in range(1 + NET_EPOCHS)])


def original() -> Iterator[tuple[str, ndarray]]:
    """The record of correct classifications of the same digits with their original labels."""
    digits = load("digits").subset(np.arange(1300))
    data = Dataset(digits.x.reshape(1300, -1), digits.y, digits.classes, "digits")
    runs = [
        correct_record(network(data, rng=rng, width=256), data, NOISY_EPOCHS, rng)
        for rng in np.random.default_rng(6).spawn(SEEDS)
    ]
    yield "original_correct_runs", np.packbits(np.stack(runs, axis=-1), axis=0)


def halves() -> Iterator[tuple[str, ndarray]]:
    """Train on A, B, A, …: A and B drawn at random; A forgotten, B unforgettable; and the other way round."""
    data = load("fashion", side=14)
    curves: dict[int, list[ndarray]] = {length: [] for length in PHASE_LENGTHS}
    for rng in np.random.default_rng(2).spawn(CONTINUAL_SEEDS):
        correct = correct_record(network(data, rng=rng), data, PRESENTATIONS, rng)
        unforgotten = rng.permutation(np.flatnonzero(unforgettable(correct)))[:HALF]
        forgotten = rng.permutation(np.flatnonzero(forgetting_events(correct) > 0))[:HALF]
        some = rng.permutation(len(data))
        splits = (some[:HALF], some[HALF : 2 * HALF]), (forgotten, unforgotten), (unforgotten, forgotten)
        for length, found in curves.items():
            runs = [train_in_turn(data.subset(a), data.subset(b), length, rng) for a, b in splits]
            found.append(np.array(runs))
    for length, found in curves.items():
        yield f"halves{length}_runs", np.moveaxis(np.array(found), 0, -1)  # split, epoch, half, seed


def train_in_turn(a: Dataset, b: Dataset, length: int, rng: np.random.Generator) -> ndarray:
    """Accuracy on both after each epoch, (epochs, 2).

    a, b: two halves of a data set, trained on in turn.   length: epochs per turn.   rng: weights and order.
    """
    model, accuracies = network(a, rng=rng), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for phase in range(PHASES):
        for _ in range(length):
            half = (a, b)[phase % 2]
            fit(model, half, optimizer=optimizer, epochs=1, batch=64, rng=rng, progress=False)
            accuracies.append([evaluate(model, a)[1], evaluate(model, b)[1]])
    return np.array(accuracies)


def settings() -> Iterator[tuple[str, ndarray]]:
    """The values along the axes of the other arrays."""
    for name, values in {"noises": NOISES, "phase_lengths": PHASE_LENGTHS}.items():
        yield name, np.array(values)
    yield "epochs", np.array([PRESENTATIONS, NOISY_EPOCHS, NET_EPOCHS])
    yield "nets", np.array(NOISY_NETS)


def main() -> None:
    parts = (settings, forgetting, noise, original, halves)
    arrays = {name: array for part in tqdm(parts, desc="difficulty") for name, array in part()}
    store("difficulty", arrays)


if __name__ == "__main__":
    main()
