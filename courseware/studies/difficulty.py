"""The stored runs of lecture 07: `python -m courseware.studies.difficulty`, some minutes on one core.

    forgetting   which training images three networks classified correctly at each presentation: MNIST, the
                 same with its pixels permuted, and Fashion-MNIST
    noise        the same for 1,300 digits of which some have wrong labels, and EL2N of ten networks by epoch
    halves       accuracy on two halves of Fashion-MNIST that take turns in training
    windows      test accuracy after training on windows of EL2N's ranking, with right and with wrong labels
    amounts      test accuracy after training on the easiest, hardest or random of more and more images
    perceptrons  test error of the same choices for a perceptron that learns from a perceptron
    settings     the values along the axes of these arrays

Images are 14×14. Every number is measured for several seeds; the last axis of `…_runs` is the seed.
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
from lsml_core.selection.keep import easiest, hardest, ranked, window
from lsml_core.selection.teacher_student import experiment
from lsml_core.training import evaluate, fit

SEEDS = 3
SETS = ("mnist", "permuted", "fashion")
PRESENTATIONS = 25
NOISES = (0.1, 0.2, 0.4)
NOISY_EPOCHS, NOISY_NETS, NET_EPOCHS = 80, 10, 20
PHASES, PHASE, HALF, CONTINUAL_SEEDS = 6, 5, 1500, 5
WINDOW, OFFSETS, WINDOW_NOISES = 0.4, (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6), (0.0, 0.1, 0.2)
KEEPS = (0.2, 0.4, 0.8)
AMOUNTS, AMOUNT_STEPS = (250, 500, 1000, 2000, 5000), 1000
ALPHAS, DIMENSION, PROBE, DRAWS = (1, 2, 4, 8, 16, 32), 100, 0.6, 5


def train(
    model: torch.nn.Module,
    data: Dataset,
    epochs: int,
    rng: np.random.Generator,
    record: tuple[str, ...] = (),
) -> dict[str, ndarray]:
    """SGD with momentum 0.9, η = 0.1 on digits and 0.05 on larger images, batches of 64."""
    eta = 0.1 if data.x.shape[1] == 64 else 0.05
    optimizer = torch.optim.SGD(model.parameters(), lr=eta, momentum=0.9)
    run = fit(
        model, data, optimizer=optimizer, epochs=epochs, batch=64, rng=rng, record=record, progress=False
    )
    return run.records


def correct_record(model: torch.nn.Module, data: Dataset, epochs: int, rng: np.random.Generator) -> ndarray:
    """Whether each example was classified correctly at each presentation, (epochs, n)."""
    return train(model, data, epochs, rng, record=("correct",))["correct"]


def network(data: Dataset, *, rng: np.random.Generator, width: int = 100) -> torch.nn.Module:
    """One hidden layer of this width."""
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


def halves() -> Iterator[tuple[str, ndarray]]:
    """Train on halves A, B, A, …: A and B are drawn at random, or A was forgotten and B is unforgettable."""
    data = load("fashion", side=14)
    curves = []
    for rng in np.random.default_rng(2).spawn(CONTINUAL_SEEDS):
        correct = correct_record(network(data, rng=rng), data, PRESENTATIONS, rng)
        unforgotten = rng.permutation(np.flatnonzero(unforgettable(correct)))[:HALF]
        forgotten = rng.permutation(np.flatnonzero(forgetting_events(correct) > 0))[:HALF]
        some = rng.permutation(len(data))
        splits = (some[:HALF], some[HALF : 2 * HALF]), (forgotten, unforgotten)
        curves.append([train_in_turn(data.subset(a), data.subset(b), rng) for a, b in splits])
    yield "halves_runs", np.moveaxis(np.array(curves), 0, -1)  # split, epoch, half, seed


def train_in_turn(a: Dataset, b: Dataset, rng: np.random.Generator) -> ndarray:
    """Accuracy on both after each epoch, (epochs, 2)."""
    model, accuracies = network(a, rng=rng), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for phase in range(PHASES):
        for _ in range(PHASE):
            half = (a, b)[phase % 2]
            fit(model, half, optimizer=optimizer, epochs=1, batch=64, rng=rng, progress=False)
            accuracies.append([evaluate(model, a)[1], evaluate(model, b)[1]])
    return np.array(accuracies)


def ranking(data: Dataset, rng: np.random.Generator) -> ndarray:
    """EL2N of five networks after five epochs."""
    p = early_probabilities(partial(network, data), data, runs=5, epochs=5, eta=0.1, batch=64, rng=rng)
    return el2n(p[:, -1], data.y)


def windows() -> Iterator[tuple[str, ndarray]]:
    clean, test = load("fashion", side=14), load("fashion", side=14, split="test")
    accuracy = np.empty((len(WINDOW_NOISES), 1 + len(OFFSETS), SEEDS))
    tenths = np.empty((len(WINDOW_NOISES), 10, SEEDS))
    for i, share in enumerate(WINDOW_NOISES):
        for s, rng in enumerate(np.random.default_rng(3).spawn(SEEDS)):
            y = label_noise(clean.y, share, 10, rng=rng).y
            data = Dataset(clean.x, y, clean.classes, "fashion")
            score, size = ranking(data, rng), round(WINDOW * len(data))
            tenths[i, :, s] = (y != clean.y)[ranked(score)].reshape(10, -1).mean(axis=1)
            kept = [rng.permutation(len(data))[:size], *(window(score, WINDOW, at) for at in OFFSETS)]
            for j, indices in enumerate(kept):
                model = network(data, rng=rng)
                train(model, data.subset(indices), 20, rng)
                accuracy[i, j, s] = evaluate(model, test)[1]
    yield "windows_runs", accuracy  # noise, (random, offsets …), seed
    yield "windows_wrong_runs", tenths  # share of wrong labels by tenth of the ranking, the easiest first


def amounts() -> Iterator[tuple[str, ndarray]]:
    """Every choice is trained for the same number of steps, however few its examples."""
    whole, test = load("fashion", side=14), load("fashion", side=14, split="test")
    accuracy = np.empty((len(AMOUNTS), len(KEEPS), 3, SEEDS))
    for i, n in enumerate(AMOUNTS):
        for s, rng in enumerate(np.random.default_rng(4).spawn(SEEDS)):
            data = whole.subset(rng.permutation(len(whole))[:n])
            score = ranking(data, rng)
            for j, keep in enumerate(KEEPS):
                chosen = easiest(score, keep), hardest(score, keep), rng.permutation(n)[: round(keep * n)]
                for k, indices in enumerate(chosen):
                    model = network(data, rng=rng)
                    train(model, data.subset(indices), AMOUNT_STEPS // -(-len(indices) // 64), rng)
                    accuracy[i, j, k, s] = evaluate(model, test)[1]
    yield "amounts_runs", accuracy  # n, keep, (easy, hard, random), seed


def perceptrons() -> Iterator[tuple[str, ndarray]]:
    errors = np.array(
        [
            [
                [
                    experiment(a, keep, d=DIMENSION, angle=PROBE, rng=rng)
                    for rng in np.random.default_rng(5).spawn(DRAWS)
                ]
                for keep in KEEPS
            ]
            for a in ALPHAS
        ]
    )
    yield "perceptrons_runs", np.moveaxis(errors, 2, -1)  # α, keep, (easy, hard, random), draw


def settings() -> Iterator[tuple[str, ndarray]]:
    """The values along the axes of the other arrays."""
    for name, values in {
        "noises": NOISES,
        "offsets": OFFSETS,
        "window_noises": WINDOW_NOISES,
        "keeps": KEEPS,
        "amounts": AMOUNTS,
        "alphas": ALPHAS,
    }.items():
        yield name, np.array(values)
    yield "epochs", np.array([PRESENTATIONS, NOISY_EPOCHS, PHASE])


def main() -> None:
    parts = (settings, forgetting, noise, halves, windows, amounts, perceptrons)
    arrays = {name: array for part in tqdm(parts, desc="runs of lecture 07") for name, array in part()}
    store("difficulty", arrays)


if __name__ == "__main__":
    main()
