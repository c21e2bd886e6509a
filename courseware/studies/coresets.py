"""The stored runs of lecture 08 on images, some minutes on one core: `python -m courseware.studies.coresets`.

Name parts on the command line to run only those again; the others stay as they are.

    gradient   error of the gradient of softmax regression: 10 % by CRAIG, at random, and at random per class
    convex     softmax regression trained on all examples and on these subsets, for several step sizes
    deep       a network trained on subsets that are chosen once, or anew after every pass over them
    crest      a network trained on CREST's mini-batches and on random ones; refreshes and choices
    regions    CREST's checks of the quadratic model, for several thresholds

An array is called `<part>.<field>`; for two sets of images, `<part>.<set>.<field>`. Accuracies and losses
have the axes (method, step size, seed, time) unless the part says otherwise. Data: digits of 8 × 8 pixels,
and Fashion-MNIST of 14 × 14 pixels.
"""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.studies import FOLDER, store, stored
from lsml_core.coresets import Coreset
from lsml_core.data import Dataset, load
from lsml_core.models import linear, mlp
from lsml_core.selection.craig import craig, gradient_bound, gradient_error
from lsml_core.selection.crest import Crest, CrestHistory, crest
from lsml_core.selection.difficulty import forgetting_events
from lsml_core.selection.gradients import logit_gradients
from lsml_core.training import History, evaluate, fit, per_example

SEEDS, FRACTION = 5, 0.1
CONVEX_SEEDS, DEEP_SEEDS, CREST_SEEDS = 3, 3, 3
SETS = {"digits": 8, "fashion": 14}  # name -> pixels along an edge

AGES = (0, 1, 3, 10, 30)
SUBSETS = ("random", "stratified", "CRAIG")

CONVEX = ("full", *SUBSETS)
CONVEX_ETAS = {"digits": (0.2, 0.5, 1.0, 2.0), "fashion": (0.02, 0.05, 0.1, 0.2)}
"""Changed after a first try with 0.02 to 0.5 for both; the best is still the largest of the grid."""
CONVEX_BATCH, CONVEX_PASSES, CONVEX_MOST = 10, 10, 2000

DEEP = ("full", "random, once", "random, anew", "CRAIG, once", "CRAIG, every 10 passes", "CRAIG, anew")
DEEP_PERIOD = {"random, anew": 1, "CRAIG, every 10 passes": 10, "CRAIG, anew": 1}
DEEP_ETAS = (0.03, 0.1)
DEEP_BATCH, DEEP_PASSES = 32, 60

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


def images(name: str, split: str = "train") -> Dataset:
    """Rows of pixels.

    name: one of `SETS`.   split: "train" or "test".
    """
    data = load(name, side=SETS[name], split=split)
    return Dataset(data.x.reshape(len(data), -1), data.y, data.classes, data.name)


def random_subset(y: Int[ndarray, " n"], rng: np.random.Generator) -> Coreset:
    """A tenth of the examples, each of weight 10.

    y: labels; only their number counts.
    """
    size = round(FRACTION * len(y))
    return Coreset(rng.permutation(len(y))[:size], np.full(size, len(y) / size))


def stratified_subset(y: Int[ndarray, " n"], rng: np.random.Generator) -> Coreset:
    """⌈n_c / 10⌉ random examples per class, weighted so that a class counts n_c, as in CRAIG."""
    members = [rng.permutation(np.flatnonzero(y == c)) for c in np.unique(y)]
    sizes = [int(np.ceil(FRACTION * len(m) - 1e-9)) for m in members]
    chosen = np.concatenate([m[:size] for m, size in zip(members, sizes, strict=True)])
    weights = [np.full(size, len(m) / size) for m, size in zip(members, sizes, strict=True)]
    return Coreset(chosen, np.concatenate(weights))


def subset_of(
    method: str, features: Float[ndarray, "n d"], y: Int[ndarray, " n"], rng: np.random.Generator
) -> Coreset:
    """A weighted subset of a tenth of the examples.

    method: one of `SUBSETS`.   features: what CRAIG measures distances between.   y: labels.
    """
    if method == "CRAIG":
        return craig(features, y, FRACTION)
    return (random_subset if method == "random" else stratified_subset)(y, rng)


# --- gradient ---------------------------------------------------------------------------------------


def weight_gradients(model: torch.nn.Module, data: Dataset) -> Float[ndarray, "n entries"]:
    """(p − y)xᵀ of every example.

    model: softmax regression; p are its probabilities.
    """
    delta = logit_gradients(per_example(model, data)["probabilities"].astype(float), data.y)
    return (delta[:, :, None] * data.x[:, None, :].astype(float)).reshape(len(data), -1)


def run_gradient() -> Iterator[tuple[str, ndarray]]:
    """Errors (method, age in passes, seed), relative to the sum of the lengths of all gradients."""
    for name in SETS:
        data, error = images(name), np.empty((len(SUBSETS), len(AGES), SEEDS))
        bound, full = np.empty((len(AGES), SEEDS)), np.empty((len(AGES), SEEDS))
        for s, rng in enumerate(np.random.default_rng(0).spawn(SEEDS)):
            subsets = [subset_of(method, data.x, data.y, rng) for method in SUBSETS]
            model = linear(data.x.shape[1], 10, rng=rng)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            for a, passes in enumerate(np.diff(AGES, prepend=0)):
                fit(model, data, optimizer=optimizer, epochs=int(passes), batch=10, rng=rng, progress=False)
                g = weight_gradients(model, data)
                unit = np.linalg.norm(g, axis=1).sum()
                error[:, a, s] = [gradient_error(g, subset) / unit for subset in subsets]
                full[a, s] = np.linalg.norm(g.sum(axis=0)) / unit
                bound[a, s] = gradient_bound(g, data.y, subsets[-1]) / unit
        yield f"{name}.error", error
        yield f"{name}.bound", bound
        yield f"{name}.full", full
    yield "methods", np.array(SUBSETS)
    yield "ages", np.array(AGES)


# --- convex -----------------------------------------------------------------------------------------


def run_convex() -> Iterator[tuple[str, ndarray]]:
    """Loss over all examples, and test accuracy, after every tenth of n gradient evaluations."""
    seeds = np.random.default_rng(1).spawn(CONVEX_SEEDS)
    with ProcessPoolExecutor(CONVEX_SEEDS) as pool:
        found = list(pool.map(convex_of_seed, seeds))
    for name in found[0]:
        axis = 1 if name.endswith("seconds") else 2
        yield name, np.stack([arrays[name] for arrays in found], axis=axis)
    yield "methods", np.array(CONVEX)
    yield from ((f"{name}.etas", np.array(etas)) for name, etas in CONVEX_ETAS.items())
    yield "passes", np.linspace(0, CONVEX_PASSES, 10 * CONVEX_PASSES + 1)


def convex_of_seed(seed: np.random.Generator) -> dict[str, ndarray]:
    """The arrays of `run_convex` without the axis of the seed; seconds are those of the processor."""
    found: dict[str, ndarray] = {}
    for name in SETS:
        data, test = images(name).subset(np.arange(len(images(name)))[:CONVEX_MOST]), images(name, "test")
        etas = CONVEX_ETAS[name]
        shape = len(CONVEX), len(etas), 10 * CONVEX_PASSES + 1
        loss, accuracy = np.empty(shape, np.float32), np.empty(shape, np.float32)
        selection, training = np.zeros(len(CONVEX)), np.zeros(len(CONVEX))
        for m, method in enumerate(CONVEX):
            rng, began = seed.spawn(1)[0], time.process_time()
            subset = None if method == "full" else subset_of(method, data.x, data.y, rng)
            selection[m] = time.process_time() - began
            began = time.process_time()
            for e, eta in enumerate(etas):
                loss[m, e], accuracy[m, e] = convex_curve(data, test, subset, eta, rng)
            training[m] = (time.process_time() - began) / len(etas)
        found |= {f"{name}.loss": loss, f"{name}.accuracy": accuracy}
        found |= {f"{name}.selection_seconds": selection, f"{name}.training_seconds": training}
    return found


def convex_curve(
    data: Dataset, test: Dataset, subset: Coreset | None, eta: float, rng: np.random.Generator
) -> tuple[list[float], list[float]]:
    """From W = 0: one epoch of the subset, or a tenth of an epoch of all examples, between two readings.

    subset: None for all examples.   eta: step size.   Returns loss over `data` and accuracy on `test`.
    """
    model = linear(data.x.shape[1], 10, rng=rng)
    with torch.no_grad():
        [p.zero_() for p in model.parameters()]
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    readings = [(evaluate(model, data)[0], evaluate(model, test)[1])]
    for part in parts_of(len(data), subset, 10 * CONVEX_PASSES, rng):
        fit(
            model,
            data,
            optimizer=optimizer,
            epochs=1,
            batch=CONVEX_BATCH,
            rng=rng,
            coreset=part,
            progress=False,
        )
        readings.append((evaluate(model, data)[0], evaluate(model, test)[1]))
    loss, accuracy = zip(*readings, strict=True)
    return list(loss), list(accuracy)


def parts_of(n: int, subset: Coreset | None, parts: int, rng: np.random.Generator) -> Iterator[Coreset]:
    """The subset again and again; without one, tenths of new random orders of all n examples.

    n: number of examples.   subset: None for all of them.   parts: how many there are.
    """
    tenths: list[ndarray] = []
    for k in range(parts):
        if subset is None:
            if k % 10 == 0:
                tenths = np.array_split(rng.permutation(n), 10)
            yield Coreset(tenths[k % 10], np.ones(len(tenths[k % 10])))
        else:
            yield subset


# --- deep -------------------------------------------------------------------------------------------


def run_deep() -> Iterator[tuple[str, ndarray]]:
    """Test accuracy and loss on all training examples after 0 to 60 passes over a tenth of the examples.

    `error`: of the gradient at the logits, relative as in `gradient`, of the subset in use (method, step
    size, seed, time); nan for all examples.
    """
    data, test = images("fashion"), images("fashion", "test")
    at = [*range(0, DEEP_PASSES + 1, 5)]
    shape = len(DEEP), len(DEEP_ETAS), DEEP_SEEDS, len(at)
    accuracy, loss, error = (np.full(shape, np.nan, np.float32) for _ in range(3))
    seconds = np.zeros((len(DEEP), DEEP_SEEDS))
    for s, seed in enumerate(np.random.default_rng(2).spawn(DEEP_SEEDS)):
        start = seed.spawn(1)[0]
        first = mlp((196, 100, 10), rng=start).state_dict()
        for m, method in enumerate(DEEP):
            for e, eta in enumerate(DEEP_ETAS):
                rng = seed.spawn(1)[0]
                model = mlp((196, 100, 10), rng=rng)
                model.load_state_dict(first)
                readings, spent = deep_run(model, data, test, method, eta, at, rng)
                accuracy[m, e, s], loss[m, e, s], error[m, e, s] = np.array(readings).T
                seconds[m, s] += spent / len(DEEP_ETAS)
    yield "accuracy", accuracy
    yield "loss", loss
    yield "error", error
    yield "selection_seconds", seconds
    yield "methods", np.array(DEEP)
    yield "etas", np.array(DEEP_ETAS)
    yield "at", np.array(at)


def deep_run(
    model: torch.nn.Module,
    data: Dataset,
    test: Dataset,
    method: str,
    eta: float,
    at: list[int],
    rng: np.random.Generator,
) -> tuple[list[tuple[float, float, float]], float]:
    """Readings at `at` passes, and seconds spent on choosing subsets.

    model: is trained in place.   method: one of `DEEP`.   eta: step size.   at: whole numbers, increasing.
    A reading is the test accuracy, the loss over `data` and the relative error of the gradient.
    """
    optimizer = torch.optim.SGD(model.parameters(), lr=eta, momentum=0.9)
    all_tenths = parts_of(len(data), None, DEEP_PASSES, rng)
    subset, readings, spent = None, [], 0.0
    for k in range(DEEP_PASSES + 1):
        if method != "full" and (k == 0 or ((period := DEEP_PERIOD.get(method)) and k % period == 0)):
            began = time.process_time()
            subset = deep_subset(model, data, method, rng)
            spent += time.process_time() - began
        if k in at:
            g = gradients_at_logits(model, data)
            unit = np.linalg.norm(g, axis=1).sum()
            wrong = np.nan if subset is None else gradient_error(g, subset) / unit
            readings.append((evaluate(model, test)[1], evaluate(model, data)[0], wrong))
        if k < DEEP_PASSES:
            part = next(all_tenths) if subset is None else subset
            fit(
                model,
                data,
                optimizer=optimizer,
                epochs=1,
                batch=DEEP_BATCH,
                rng=rng,
                coreset=part,
                progress=False,
            )
    return readings, spent


def gradients_at_logits(model: torch.nn.Module, data: Dataset) -> Float[ndarray, "n classes"]:
    """p − y."""
    return logit_gradients(per_example(model, data)["probabilities"].astype(float), data.y)


def deep_subset(model: torch.nn.Module, data: Dataset, method: str, rng: np.random.Generator) -> Coreset:
    """The subset that a method of `DEEP` chooses for the present weights of `model`.   method: not "full"."""
    if method.startswith("random"):
        return stratified_subset(data.y, rng)
    return craig(gradients_at_logits(model, data), data.y, FRACTION)


# --- crest ------------------------------------------------------------------------------------------


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

    method: one of `CREST_METHODS`.   eta: step size at the start.   settings: CREST's; not used by "random".
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


PARTS = {
    "gradient": run_gradient,
    "convex": run_convex,
    "deep": run_deep,
    "crest": run_crest,
    "regions": run_regions,
}


def main() -> None:
    for part in tqdm(sys.argv[1:] or [*PARTS], desc="runs of lecture 08"):
        fresh, path = {f"{part}.{name}": array for name, array in PARTS[part]()}, FOLDER / "coresets.npz"
        others = {} if not path.exists() else dict(np.load(path))
        store("coresets", {k: v for k, v in others.items() if not k.startswith(f"{part}.")} | fresh)


if __name__ == "__main__":
    main()
