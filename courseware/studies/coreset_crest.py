"""Parts `crest` and `regions` of lecture 08's runs: CREST's mini-batches, and its quadratic model.

`python -m courseware.studies.coresets crest regions` runs them and stores them in `results/coresets.npz`; the
demos of `courseware/demos/selection/crest.py` read them there.

Accuracies and losses have the axes (method, step size, seed, epoch).
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray

from courseware.studies import stored
from courseware.studies.coreset_subsets import images
from lsml_core.data import Dataset
from lsml_core.models import mlp
from lsml_core.selection.crest import Crest, CrestHistory, crest
from lsml_core.selection.difficulty import forgetting_events
from lsml_core.training import History, fit

CREST_SEEDS = 3
CREST_ETAS = (0.1, 0.2)
CREST_IMAGES, CREST_BATCH, CREST_EPOCHS = 2000, 32, 12
MILESTONES = (0.5, 0.75)
"""Shares of all steps after which the step size is divided by 10."""
CREST_METHODS = ("random", "CREST", "CREST, learned left out")
SETTINGS = Crest(threshold=0.1, patience=0, step_factor=3.0)
"""These, the number of images and the falling step size come from short trials of the same comparison."""
BINS = (0.5, 2.5, 5.5, 8.5)
"""Borders between the groups of mean forgetting events; the last group also holds what is never learned."""
THRESHOLDS, REGION_EPOCHS = (0.05, 0.1, 0.2, 0.4), 10


def run_crest() -> Iterator[tuple[str, ndarray]]:
    """Test accuracy and loss after every epoch's worth of steps, and what CREST chose in that epoch.

    The axes are (method, step size, seed, epoch). `refreshes` counts them, `active` is |V| at the last one,
    `difficulty` is the mean number of forgetting events of the examples in the mini-batches in use, `picks`
    their share in each group of `bins` (one more axis), and `share` that of all images. `forward_evaluations`
    counts examples that went forward in order to choose, in all epochs together.
    """
    seeds = np.random.default_rng(3).spawn(CREST_SEEDS)
    with ProcessPoolExecutor(CREST_SEEDS) as pool:
        found = list(pool.map(crest_of_seed, seeds))
    yield from ((name, np.stack([arrays[name] for arrays in found], axis=2)) for name in found[0])
    events = forgettability()[:CREST_IMAGES]
    yield "share", np.bincount(np.digitize(events, BINS), minlength=len(BINS) + 1) / len(events)
    yield "mean_events", np.array(events.mean())
    yield "bins", np.array(BINS)
    yield "methods", np.array(CREST_METHODS)
    yield "etas", np.array(CREST_ETAS)
    yield "steps", np.array(CREST_EPOCHS * -(-CREST_IMAGES // CREST_BATCH))


def crest_of_seed(seed: np.random.Generator) -> dict[str, ndarray]:
    """The arrays of `run_crest` without the axis of the seed."""
    data, test = images("fashion").subset(np.arange(CREST_IMAGES)), images("fashion", "test")
    events = forgettability()[:CREST_IMAGES]
    bins = np.digitize(events, BINS)
    shape = len(CREST_METHODS), len(CREST_ETAS), CREST_EPOCHS
    names = "accuracy", "loss", "difficulty", "active", "refreshes"
    found: dict[str, ndarray] = {name: np.full(shape, np.nan, np.float32) for name in names}
    found["picks"] = np.full((*shape, len(BINS) + 1), np.nan, np.float32)
    found["forward_evaluations"] = np.zeros(shape[:2], int)
    for m, method in enumerate(CREST_METHODS):
        for e, eta in enumerate(CREST_ETAS):
            history, at = crest_run(data, test, method, eta, CREST_EPOCHS, seed.spawn(1)[0]), (m, e)
            found["accuracy"][at], found["loss"][at] = history.test_accuracy, history.test_loss
            if isinstance(history, CrestHistory):
                found["forward_evaluations"][at] = history.selection_evaluations
                found["refreshes"][at], found["active"][at] = refreshes_by_epoch(history)
                for epoch, chosen in enumerate(used_by_epoch(history)):
                    counts = np.bincount(bins[chosen], minlength=len(BINS) + 1)
                    found["picks"][at][epoch] = counts / len(chosen)
                    found["difficulty"][at][epoch] = events[chosen].mean()
    return found


def run_regions() -> Iterator[tuple[str, ndarray]]:
    """CREST on the digits: `<threshold>.<seed>.` loss per step, refreshes (step, period), checks (step,
    error,
    predicted and measured loss)."""
    data, test = images("digits"), images("digits", "test")
    yield "thresholds", np.array(THRESHOLDS)
    for tau in THRESHOLDS:
        for s, rng in enumerate(np.random.default_rng(4).spawn(CREST_SEEDS)):
            settings = replace(SETTINGS, threshold=tau)
            history = crest_run(data, test, "CREST", 0.2, REGION_EPOCHS, rng, settings)
            assert isinstance(history, CrestHistory)
            yield f"{tau}.{s}.loss", history.loss.astype(np.float32)
            yield f"{tau}.{s}.refreshes", np.array([(r.step, r.period) for r in history.refreshes])
            yield f"{tau}.{s}.checks", np.array([tuple(c) for c in history.checks], np.float32)
            yield f"{tau}.{s}.accuracy", history.test_accuracy


def forgettability() -> Float[ndarray, " n"]:
    """Mean forgetting events of the Fashion-MNIST images in the three runs of lecture 07.

    An image that a run never learned counts as forgotten at every presentation.
    """
    runs = stored("difficulty")
    presentations = int(runs["epochs"][0])
    correct = np.unpackbits(runs["fashion_runs"], axis=0, count=presentations).astype(bool)
    events = np.array([forgetting_events(correct[..., s]) for s in range(correct.shape[-1])])
    return np.where(np.isinf(events), presentations, events).mean(axis=0)


def refreshes_by_epoch(history: CrestHistory) -> tuple[Int[ndarray, " epochs"], Float[ndarray, " epochs"]]:
    """How many refreshes each epoch has, and how many examples were not left out at the last one."""
    count, active = np.zeros(CREST_EPOCHS, int), np.full(CREST_EPOCHS, np.nan)
    for refresh in history.refreshes:
        epoch = refresh.step * CREST_EPOCHS // len(history.loss)
        count[epoch] += 1
        active[epoch] = refresh.active
    return count, active


def used_by_epoch(history: CrestHistory) -> list[Int[ndarray, " picks"]]:
    """For each epoch the coresets in use at its steps, each as often as it was in use for a step."""
    starts = np.array([refresh.step for refresh in history.refreshes])
    in_use = np.searchsorted(starts, np.arange(len(history.loss)), side="right") - 1
    per_epoch = np.array_split(in_use, CREST_EPOCHS)
    return [np.concatenate([history.refreshes[k].chosen for k in epoch]) for epoch in per_epoch]


def crest_run(
    data: Dataset,
    test: Dataset,
    method: str,
    eta: float,
    epochs: int,
    rng: np.random.Generator,
    settings: Crest = SETTINGS,
) -> CrestHistory | History:
    """SGD without momentum; the step size is divided by 10 at each of `MILESTONES`.

    data, test: examples to train on, and those of the accuracy after each epoch.
    method: one of `CREST_METHODS`.   eta: step size at the start.   epochs: n/b steps each.
    rng: first weights and batches.   settings: CREST's; not used by "random".
    """
    model = mlp((data.x.shape[1], 100, 10), rng=rng)
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    steps = epochs * -(-len(data) // CREST_BATCH)
    at = [round(share * steps) for share in MILESTONES]
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, at, gamma=0.1)
    optimizer.register_step_post_hook(lambda *_: scheduler.step())
    how: Any = {"optimizer": optimizer, "epochs": epochs, "batch": CREST_BATCH, "rng": rng, "test": test}
    if method == "random":
        return fit(model, data, progress=False, **how)
    left_out = method.endswith("left out")
    return crest(model, data, settings=replace(settings, patience=3) if left_out else settings, **how)
