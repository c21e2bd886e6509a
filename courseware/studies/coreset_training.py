"""Parts `convex` and `deep` of lecture 08's runs: models trained on weighted subsets.

Accuracies and losses have the axes (method, step size, seed, time).
"""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from courseware.studies.coreset_subsets import FRACTION, SETS, SUBSETS, images, stratified_subset, subset_of
from lsml_core.coresets import Coreset
from lsml_core.data import Dataset
from lsml_core.models import linear, mlp
from lsml_core.selection.craig import craig, gradient_error
from lsml_core.selection.gradients import logit_gradients
from lsml_core.training import evaluate, fit, per_example

CONVEX_SEEDS = 3
CONVEX = ("full", *SUBSETS)
CONVEX_ETAS = {
    "digits": (0.2, 0.5, 1.0, 2.0, 4.0, 8.0),
    "fashion": (0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
}
"""A first try had 0.02 to 0.5 for both. Widened until no method is fastest at an end of the grid."""
CONVEX_BATCH, CONVEX_PASSES, CONVEX_MOST = 10, 10, 2000
DEEP_SEEDS = 12
DEEP = ("full", "random, once", "random, anew", "CRAIG, once", "CRAIG, every 10 passes", "CRAIG, anew")
DEEP_PERIOD = {"random, anew": 1, "CRAIG, every 10 passes": 10, "CRAIG, anew": 1}
DEEP_ETAS = (0.03, 0.1)
DEEP_BATCH, DEEP_PASSES = 32, 60


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
    """The arrays of `run_convex` without the axis of the seed; seconds are those of the processor.

    Kernels are compiled, or loaded, before the first choice, and that time is not in `selection_seconds`.
    """
    found: dict[str, ndarray] = {}
    for name in SETS:
        data, test = images(name).subset(np.arange(len(images(name)))[:CONVEX_MOST]), images(name, "test")
        craig(data.x[:100], data.y[:100], FRACTION)
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
