"""Stored runs on which examples to keep: `python -m courseware.studies.data_pruning`, ten minutes.

    windows      test accuracy after training on windows of EL2N's ranking, with right and with wrong labels
    amounts      test accuracy after training on the easiest, hardest or random of more and more images
    perceptrons  test error of the same choices for a perceptron that learns from a perceptron, by the angle
                 between the teacher and the probe that ranks the examples
    settings     the values along the axes of these arrays

Images are Fashion-MNIST, 14×14. Every number is measured for several seeds; the last axis of `…_runs` is the
seed.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.studies import store
from courseware.studies.difficulty import network, train
from lsml_core.data import Dataset, label_noise, load
from lsml_core.selection.difficulty import el2n
from lsml_core.selection.early_training import early_probabilities
from lsml_core.selection.keep import easiest, hardest, ranked, window
from lsml_core.selection.teacher_student import experiment
from lsml_core.training import evaluate

SEEDS = 3
WINDOW, OFFSETS, WINDOW_NOISES = 0.4, (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6), (0.0, 0.1, 0.2)
WINDOW_EPOCHS = 20
KEEPS, AMOUNTS, STEPS = (0.2, 0.4, 0.8), (250, 500, 1000, 2000, 5000), 1000
ALPHAS, FRACTIONS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32), (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
ANGLES, DIMENSION, DRAWS = (0.0, 0.2, 0.4, 0.6, 0.8), 100, 6


def ranking(data: Dataset, rng: np.random.Generator) -> ndarray:
    """EL2N of five networks after five epochs."""
    p = early_probabilities(partial(network, data), data, runs=5, epochs=5, eta=0.1, batch=64, rng=rng)
    return el2n(p[:, -1], data.y)


def accuracy_after(
    data: Dataset, kept: ndarray, test: Dataset, epochs: int, rng: np.random.Generator
) -> float:
    """Test accuracy of a new network that is trained on the kept examples.

    kept: indices of examples in `data`.   epochs: passes over the kept examples.
    """
    model = network(data, rng=rng)
    train(model, data.subset(kept), epochs, rng)
    return evaluate(model, test)[1]


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
                accuracy[i, j, s] = accuracy_after(data, indices, test, WINDOW_EPOCHS, rng)
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
                    epochs = STEPS // -(-len(indices) // 64)
                    accuracy[i, j, k, s] = accuracy_after(data, indices, test, epochs, rng)
    yield "amounts_runs", accuracy  # n, keep, (easy, hard, random), seed


def perceptrons() -> Iterator[tuple[str, ndarray]]:
    errors = np.array(
        [
            [
                [
                    [
                        experiment(alpha, keep, d=DIMENSION, angle=angle, rng=rng)
                        for rng in np.random.default_rng(5).spawn(DRAWS)
                    ]
                    for keep in FRACTIONS
                ]
                for alpha in ALPHAS
            ]
            for angle in ANGLES
        ]
    )
    yield "perceptrons_runs", np.moveaxis(errors, 3, -1)  # angle, α, keep, (easy, hard, random), draw


def settings() -> Iterator[tuple[str, ndarray]]:
    """The values along the axes of the other arrays."""
    for name, values in {
        "offsets": OFFSETS,
        "window_noises": WINDOW_NOISES,
        "keeps": KEEPS,
        "amounts": AMOUNTS,
        "alphas": ALPHAS,
        "fractions": FRACTIONS,
        "angles": ANGLES,
    }.items():
        yield name, np.array(values)


def main() -> None:
    parts = (settings, perceptrons, windows, amounts)
    arrays = {name: array for part in tqdm(parts, desc="data pruning") for name, array in part()}
    store("data_pruning", arrays)


if __name__ == "__main__":
    main()
