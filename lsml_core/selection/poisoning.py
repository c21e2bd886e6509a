"""Targeted data poisoning by gradient matching: what an attack on training data can do, and what limits it.

    x_t, y_adv   target: one test image, and the class that the attacker wants for it
    V_p          poisons: some training images that carry the label y_adv rightly; labels are never changed
    δ_i          perturbation of poison i, ‖δ_i‖_∞ ≤ ε, and x_i + δ_i stays in [0, 1]
    g_adv        ∇_w ℓ(x_t, y_adv): a step along it teaches the network the wrong label for the target
    mismatch     1 − cos(Σ_{i∈V_p} ∇_w ℓ(x_i + δ_i, y_i), g_adv)

If the poisons' gradient points along g_adv, a training step on them is a step towards the wrong label,
although every label is right. The attacker computes the gradients on a network trained on clean data.

It is here because a defence cannot be judged without an attack. It works on networks as small as those of
this course, with perturbations that anybody sees: the paper's ε is 16/255 for CIFAR-10.

Geiping, Fowl, Huang, Czaja, Taylor, Moeller & Goldstein (ICLR 2021), "Witches' Brew".
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Integer
from numpy import ndarray
from torch import Tensor, nn

from lsml_core.data import Dataset
from lsml_core.evaluation import in_mode, losses
from lsml_core.tensors import as_array, flat, on_model
from lsml_core.validation import (
    Count,
    check_count,
    check_finite,
    check_kind,
    check_not_negative,
    check_positive,
    check_rng,
)

DECAY = (3 / 8, 5 / 8, 7 / 8)
"""Parts of the crafting after which its step size falls by ten, as in the published code."""


class Poisons(NamedTuple):
    """indices: positions in the data set, ascending, (m,).   perturbations: δ_i of each, (m, *image)."""

    indices: Int[ndarray, " m"]
    perturbations: Float[ndarray, "m *image"]


def craft(
    model: nn.Module,
    data: Dataset,
    target: Float[ndarray, "*image"],
    label: Count,
    *,
    budget: float | int,
    epsilon: float | int,
    restarts: Count = 1,
    steps: Count = 250,
    rng: np.random.Generator,
) -> Poisons:
    """Perturbations whose gradient matches that of the target labelled y_adv; the best of some restarts.

    model: trained on clean data; gradients are those of its parameters that require one. With frozen features
    these are the output layer's alone (transfer learning).
    data: the clean training set, images in [0, 1].   target: x_t, one image.   label: y_adv.
    budget: poisons as a share of all n examples; they are drawn at random among those labelled y_adv.
    epsilon: ε, above 0.   restarts: random starts of δ; the one of least mismatch is returned.
    steps: of Adam on the sign of the gradient, each followed by projection onto both bounds.
    Cost: steps · restarts double backward passes through the poisons.
    ValueError: an argument out of range, or fewer examples of the class than poisons.
    """
    check_kind("data", data, Dataset, "a Dataset")
    check_positive(budget=budget, epsilon=epsilon)
    restarts, steps = check_count("restarts", restarts), check_count("steps", steps, 0)
    label = check_count("label", label, 0)
    members, size = np.flatnonzero(data.y == label), round(budget * len(data))
    if not 1 <= size <= len(members):
        raise ValueError(
            f"budget={budget}, a share, is {size} poisons of {len(data)}; class {label} has {len(members)}"
        )
    indices = np.sort(check_rng(rng).choice(members, size, replace=False))
    x = on_model(data.x[indices], model)
    y = torch.full((size,), label, device=x.device)
    with in_mode(model, training=False):
        wanted = _gradient(model, on_model(target[None], model), y[:1])
        found = [_matched(model, x, y, wanted, epsilon, steps, r) for r in rng.spawn(restarts)]
    delta, _ = min(found, key=lambda pair: pair[1])
    return Poisons(indices, as_array(delta))


def poisoned(data: Dataset, poisons: Poisons) -> Dataset:
    """The data set with the poisons in place of the images that they were made from; labels stay.

    data: the clean training set.   poisons: as `craft` returns them.
    """
    check_kind("data", data, Dataset, "a Dataset")
    check_kind("poisons", poisons, Poisons, "Poisons(indices, perturbations), as craft returns them")
    x = data.x.copy()
    x[poisons.indices] += poisons.perturbations
    return Dataset(x.clip(0, 1), data.y, data.classes, f"{data.name}, poisoned")


def mismatch(
    model: nn.Module, data: Dataset, poisons: Poisons, target: Float[ndarray, "*image"], label: Count
) -> float:
    """1 − cos of the angle between the poisons' gradient and g_adv: 0 if they are parallel, at most 2.

    model, data, target, label: as for `craft`.   poisons: as `craft` returns them.
    """
    mine = poisoned(data, poisons).subset(poisons.indices)
    with in_mode(model, training=False):
        wanted = _gradient(model, on_model(target[None], model), torch.tensor([int(label)]))
        gradient = _gradient(model, on_model(mine.x, model), torch.from_numpy(mine.y.copy()))
        return float(_mismatch(gradient, wanted))


def angle(mismatch: float) -> float:
    """The angle in degrees that belongs to 1 − cos.

    mismatch: between 0 and 2.
    """
    return float(np.degrees(np.arccos(np.clip(1 - mismatch, -1, 1))))


def effective(
    gradients: Float[ndarray, "m d"],
    wanted: Float[ndarray, " d"],
    *,
    length: float | int = 0.5,
    cosine: float | int = 0.8,
) -> Bool[ndarray, " m"]:
    """Which poisons can do the work: a gradient that is long, and close in direction to the target's.

    gradients: of the poisons, such as p − y, (m, d).   wanted: of the target with the label y_adv, (d,).
    length: least norm.   cosine: least cosine. Neither is from the paper, which gives no thresholds.
    """
    check_finite(gradients=gradients, wanted=wanted)
    check_not_negative(length=length)
    norms = np.linalg.norm(gradients, axis=1)
    alike = gradients @ wanted >= cosine * norms * np.linalg.norm(wanted)
    return (norms >= length) & alike


def success_interval(successes: Count, trials: Count) -> tuple[float, float]:
    """95 % Wilson interval of a success rate; it stays within 0 and 1 even if no trial succeeds.

    successes: from 0 to `trials`.   trials: at least 1.
    """
    successes, trials = check_count("successes", successes, 0), check_count("trials", trials)
    if successes > trials:
        raise ValueError(f"successes={successes} must be at most trials={trials}")
    z, p = 1.959964, successes / trials
    middle = (p + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(p * (1 - p) / trials + z**2 / (4 * trials**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _matched(
    model: nn.Module,
    x: Float[Tensor, "m *image"],
    y: Integer[Tensor, " m"],
    wanted: Float[Tensor, " weights"],
    epsilon: float | int,
    steps: int,
    rng: np.random.Generator,
) -> tuple[Float[Tensor, "m *image"], float]:
    """One start: δ within both bounds, and its mismatch."""
    start = rng.uniform(-epsilon, epsilon, tuple(x.shape))
    delta = torch.from_numpy(start).to(x).requires_grad_()
    _project_(delta, x, epsilon)
    adam = torch.optim.Adam([delta], lr=epsilon / 4)
    drops = torch.optim.lr_scheduler.MultiStepLR(adam, [int(part * steps) for part in DECAY])
    for _ in range(steps):
        loss = _mismatch(_gradient(model, x + delta, y, keep_graph=True), wanted)
        (delta.grad,) = torch.autograd.grad(loss, [delta])
        delta.grad.sign_()
        adam.step()
        drops.step()
        _project_(delta, x, epsilon)
    return delta.detach(), float(_mismatch(_gradient(model, x + delta, y), wanted))


@torch.no_grad()
def _project_(delta: Float[Tensor, "m *image"], x: Float[Tensor, "m *image"], epsilon: float | int) -> None:
    """Into the ball ‖δ‖_∞ ≤ ε, and pixels into [0, 1]."""
    delta.clamp_(-epsilon, epsilon)
    delta.copy_((x + delta).clamp_(0, 1) - x)


def _gradient(
    model: nn.Module, x: Float[Tensor, "m *image"], y: Integer[Tensor, " m"], *, keep_graph: bool = False
) -> Float[Tensor, " weights"]:
    """∇_w of the summed losses, as one vector."""
    weights = [w for w in model.parameters() if w.requires_grad]
    return flat(torch.autograd.grad(losses(model(x), y).sum(), weights, create_graph=keep_graph))


def _mismatch(gradient: Float[Tensor, " weights"], wanted: Float[Tensor, " weights"]) -> Float[Tensor, ""]:
    return 1 - torch.nn.functional.cosine_similarity(gradient, wanted.detach(), dim=0, eps=1e-12)
