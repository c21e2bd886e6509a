"""Part `gradient` of lecture 08's runs: how well a tenth of the examples stands for the gradient of all."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from courseware.studies.coreset_subsets import SETS, SUBSETS, images, subset_of
from lsml_core.data import Dataset
from lsml_core.models import linear
from lsml_core.selection.craig import gradient_bound, gradient_error
from lsml_core.selection.gradients import logit_gradients
from lsml_core.training import fit, per_example

AGES, SEEDS = (0, 1, 3, 10, 30), 5  # ages of the model in passes


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
