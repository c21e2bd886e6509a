"""Wrong labels and spurious features, for lecture 09: `python -m courseware.studies.robust_selection`.

Five minutes on one core. Name parts on the command line to run only those again; the others stay.

    labels   Fashion-MNIST, 14 × 14 pixels, 3,000 images, half of the labels wrong: all data, CRUST's central
             30, 50 and 70 %, true exemplars and random examples (30 %), three seeds, 30 epochs
    core     p − y of one class at five ages of the run with the central 30 %, and its wrong labels, one seed
    groups   pullover against coat, a patch that is right for 95 % of each class: ERM, SPARE, group DRO and
             group-balanced sampling with true groups, three seeds, 32 epochs
    early    how well the clusters of the outputs find the minority, by age; and the outputs themselves
    cues     accuracy on majority and minority by magnitude of the patch and by width, and of the same network
             without any patch: what it has learned of the garment

An array is called `<part>.<field>`; the seed is the first axis where there is one.
"""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy import ndarray
from torch import nn

from courseware.studies import FOLDER, store
from lsml_core.data import Dataset, Spurious, label_noise, load, spurious_patch
from lsml_core.evaluation import evaluate
from lsml_core.models import mlp
from lsml_core.selection.crust import central, clean_share, exemplars
from lsml_core.selection.group_dro import fit_group_dro
from lsml_core.selection.robust_training import (
    current_gradients,
    fit_crust,
    fit_sampled,
)
from lsml_core.selection.spurious import (
    GroupDRO,
    early_groups,
    group_means,
    group_recovery,
    sampling_weights,
)
from lsml_core.training import fit, per_example, predict, set_step_size_

SEEDS = 3
Arrays = dict[str, ndarray]

# --- wrong labels -----------------------------------------------------------------------------------

NOISE, IMAGES, EPOCHS, WARM_UP = 0.5, 3000, 30, 3
METHODS = {
    "all data": None,
    "central 30 %": (0.3, central),
    "central 50 %": (0.5, central),
    "central 70 %": (0.7, central),
    "exemplars 30 %": (0.3, exemplars),
    "random 30 %": (0.3, "random"),
}
AGES = (1, 3, 5, 10, 30)


def noisy_fashion(seed: int) -> tuple[Dataset, ndarray, Dataset]:
    """Images with half of the labels wrong, which those are, and clean test images."""
    train = load("fashion", side=14).subset(np.arange(IMAGES))
    noise = label_noise(train.y, NOISE, 10, rng=np.random.default_rng(seed))
    return train.relabel(noise.y), noise.indices, load("fashion", side=14, split="test")


def run_labels(seed: int) -> Arrays:
    noisy, wrong, test = noisy_fashion(seed)
    clean, accuracy = [], []
    for method in METHODS.values():
        rng = np.random.default_rng(seed)
        model, optimizer = _network(seed, (196, 128, 10), 0.1)
        fraction, choose = method or (1.0, central)
        if choose == "random":
            choose = lambda distances, k, rng=rng: rng.choice(len(distances), k, replace=False)
        run = fit_crust(
            model,
            noisy,
            fraction=fraction,
            choose=choose,
            warm_up=EPOCHS if method is None else WARM_UP,
            optimizer=optimizer,
            epochs=EPOCHS,
            batch=64,
            rng=rng,
            watch=lambda m: evaluate(m, test)[1],
        )
        clean.append([clean_share(chosen, wrong) for chosen in run.chosen])
        accuracy.append(run.watched)
    return {"clean": np.array(clean), "accuracy": np.array(accuracy)}


def run_core() -> Arrays:
    """Of the images labelled "trouser", while the network is trained by CRUST on the central 30 %."""
    noisy, wrong, _ = noisy_fashion(0)
    members = np.flatnonzero(noisy.y == noisy.classes.index("trouser"))
    model, optimizer = _network(0, (196, 128, 10), 0.1)
    how = {"optimizer": optimizer, "epochs": EPOCHS, "batch": 64, "rng": np.random.default_rng(0)}
    crust = {"fraction": 0.3, "warm_up": WARM_UP, "watch": lambda m: current_gradients(m, noisy)[members]}
    found = fit_crust(model, noisy, **crust, **how).watched
    return {
        "gradients": np.array([found[age - 1] for age in AGES], dtype=np.float32),
        "wrong": np.isin(members, wrong),
        "ages": np.array(AGES),
    }


# --- spurious features ------------------------------------------------------------------------------

GARMENTS, ALIGNMENT, GROUP_EPOCHS, DROP = ("pullover", "coat"), 0.95, 32, 24
TRAININGS = ("ERM", "SPARE", "group DRO", "balanced, true groups")
CLUSTER_AGES, FOUND_AT = (1, 2, 5, 10, 30), 2
MAGNITUDES, WIDTHS = (0.25, 0.5, 1.0, 2.0), (8, 64, 512)


def two_garments(split: str) -> Dataset:
    """Pullovers, class 0, and coats, class 1."""
    data = load("fashion", side=14, split=split)
    labels = [data.classes.index(name) for name in GARMENTS]
    some = np.flatnonzero(np.isin(data.y, labels))
    return Dataset(
        data.x[some], (data.y[some] == labels[1]).astype(np.int64), GARMENTS, " and ".join(GARMENTS)
    )


def groups_of(biased: Spurious) -> ndarray:
    """2·class + 1 for the minority."""
    return 2 * biased.data.y + (biased.cue != biased.data.y)


def biased_pair(seed: int, magnitude: float = 1.0) -> tuple[Spurious, Spurious]:
    """Training images of which 95 % wear their own class's patch, and test images of which half do.

    magnitude: value of the patch's pixels; 1 is white.
    """
    rng = np.random.default_rng(seed)
    train = spurious_patch(two_garments("train"), ALIGNMENT, magnitude, rng=rng)
    return train, spurious_patch(two_garments("test"), 0.5, magnitude, rng=rng)


def run_groups(seed: int) -> Arrays:
    train, test = biased_pair(seed)
    truth, exam = groups_of(train), groups_of(test)

    def by_group(model: nn.Module) -> ndarray:
        return group_means(predict(model, test.data.x) == test.data.y, exam, 4)

    found = clusters_at(train, (FOUND_AT,), seed)[0][0]
    n = len(train.data)
    ways: dict[str, Callable[..., Any]] = {
        "ERM": partial(fit_sampled, probabilities=np.full(n, 1 / n)),
        "SPARE": partial(fit_sampled, probabilities=sampling_weights(found, 1, train.data.y)),
        "group DRO": partial(fit_group_dro, groups=truth, rule=GroupDRO(0.01)),
        "balanced, true groups": partial(fit_sampled, probabilities=sampling_weights(truth, 1)),
    }
    accuracy = []
    for name in TRAININGS:
        model, optimizer = _network(seed, (196, 128, 2), 0.01, decay=0.05)
        rng, watched = np.random.default_rng(seed), []
        for epochs, eta in ((DROP, 0.01), (GROUP_EPOCHS - DROP, 0.001)):
            set_step_size_(optimizer, eta)
            how = {"optimizer": optimizer, "epochs": epochs, "batch": 64, "rng": rng, "watch": by_group}
            run = ways[name](model, train.data, **how)
            watched += getattr(run, "watched", run)
        accuracy.append(watched)
    return {
        "accuracy": np.array(accuracy),
        "recovery": np.array(group_recovery(found, truth % 2 == 1, train.data.y)),
    }


def clusters_at(train: Spurious, ages: tuple[int, ...], seed: int) -> tuple[list[ndarray], list[ndarray]]:
    """The groups that two clusters per class give at each age, and the outputs that were clustered.

    train: examples with a spurious cue.   ages: epochs of training, increasing.
    seed: of weights and batches.
    """
    model, optimizer = _network(seed, (196, 128, 2), 0.01)
    rng, groups, outputs, age = np.random.default_rng(seed), [], [], 0
    for until in ages:
        fit(model, train.data, optimizer=optimizer, epochs=until - age, batch=64, rng=rng, progress=False)
        outputs.append(per_example(model, train.data)["probabilities"])
        groups.append(early_groups(outputs[-1], train.data.y, 2, rng=np.random.default_rng(seed)))
        age = until
    return groups, outputs


def run_early(seed: int) -> Arrays:
    train, _ = biased_pair(seed)
    rare = train.cue != train.data.y
    groups, outputs = clusters_at(train, CLUSTER_AGES, seed)
    return {
        "recovery": np.array([group_recovery(g, rare, train.data.y) for g in groups]),
        "outputs": np.array([p[:, 1] for p in outputs], dtype=np.float32),
        "rare": rare,
        "y": train.data.y,
    }


def run_cues(seed: int) -> Arrays:
    """Training accuracy of majority and minority, and test accuracy without patches, after every epoch."""
    plain, found = two_garments("test"), []
    for magnitude in MAGNITUDES:
        for width in WIDTHS:
            train, _ = biased_pair(seed, magnitude)
            rare = (train.cue != train.data.y).astype(int)

            def look(model: nn.Module, train: Spurious = train, rare: ndarray = rare) -> ndarray:
                correct = predict(model, train.data.x) == train.data.y
                return np.array([*group_means(correct, rare, 2), evaluate(model, plain)[1]])

            model, optimizer = _network(seed, (196, width, 2), 0.01)
            n, rng = len(train.data), np.random.default_rng(seed)
            how = {"optimizer": optimizer, "epochs": 20, "batch": 64, "rng": rng, "watch": look}
            found.append(fit_sampled(model, train.data, np.full(n, 1 / n), **how))
    return {"accuracy": np.array(found).reshape(len(MAGNITUDES), len(WIDTHS), 20, 3)}


def _network(
    seed: int, sizes: tuple[int, ...], eta: float, decay: float = 0.0
) -> tuple[nn.Module, torch.optim.Optimizer]:
    model = mlp(sizes, rng=np.random.default_rng(seed))
    return model, torch.optim.SGD(model.parameters(), lr=eta, momentum=0.9, weight_decay=decay)


PARTS: dict[str, Callable[[int], Arrays]] = {
    "labels": run_labels,
    "groups": run_groups,
    "early": run_early,
    "cues": run_cues,
}


def arrays_of(part: str) -> Arrays:
    """The arrays of a part, by `<part>.<field>`."""
    if part == "core":
        return {f"core.{name}": array for name, array in run_core().items()}
    records = [PARTS[part](seed) for seed in range(SEEDS)]
    return {f"{part}.{name}": np.array([record[name] for record in records]) for name in records[0]}


def main() -> None:
    for part in sys.argv[1:] or (*PARTS, "core"):
        fresh, path = arrays_of(part), FOLDER / "robust_selection.npz"
        others = dict(np.load(path)) if path.exists() else {}
        store("robust_selection", others | fresh)


if __name__ == "__main__":
    main()
