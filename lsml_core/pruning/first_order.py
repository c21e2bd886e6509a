"""What SNIP and GraSP predict when weights fade, and what happens: `prediction = FirstOrder(model, x, y)`.

    θ     the prunable weights in one row, (N,)              ε     how much of a weight fades; 1 removes it
    L     mean loss of one batch                             ‖g‖²  its squared gradient norm
    group indices into θ of weights that fade together

Weights fade by θ_q ← (1 − ε)·θ_q for all q in the group. To first order L falls by ε·Σ θ_q ∂L/∂θ_q, SNIP's
scores before the absolute value, and ‖g‖² by 2ε·Σ θ_q (Hg)_q, GraSP's scores.
Lee, Ajanthan & Torr (ICLR 2019); Wang, Zhang & Grosse (ICLR 2020).
"""

import copy
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, Int64, Shaped
from numpy import ndarray
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, vmap

from lsml_core.pruning.functional import like_model, mean_loss
from lsml_core.pruning.scores import grasp, saliency
from lsml_core.pruning.weights import prunable
from lsml_core.tensors import check_model, flat
from lsml_core.training import losses

OBJECTIVES = ("loss", "squared gradient norm")


class Changes(NamedTuple):
    """Relative changes of L (row 0) and ‖g‖² (row 1) for each group, in percent of the value before."""

    predicted: Float[ndarray, "2 groups"]
    true: Float[ndarray, "2 groups"]


class FirstOrder:
    """The first-order prediction of a model and one batch, in float64.

    model: any network; a copy of its weights is used.       x, y: one batch, tensors.
    `slopes`: (2, N), how fast L and ‖g‖² fall as each weight fades. SNIP removes the smallest |slopes[0]|,
    GraSP the smallest slopes[1].
    """

    def __init__(self, model: nn.Module, x: Shaped[Tensor, "n ..."], y: Int64[Tensor, "n ..."]) -> None:
        check_model(model)
        self.model, self.y = copy.deepcopy(model).double(), y
        self.x = like_model(x, self.model)
        weights, loss = mean_loss(self.model, self.x, y, ())
        gradient_scores = grasp(self.model, self.x, y, temperature=1)
        loss_scores = saliency(loss, weights)
        self.slopes = torch.stack([flat(loss_scores.values()), 2 * flat(gradient_scores.values())]).numpy()
        self.theta = flat(w.detach() for w in prunable(self.model).values())

    def changes(self, groups: Int[ndarray, "groups size"], epsilon: float | int) -> Changes:
        """Predicted and true changes if the weights of each group fade by ε.

        groups: indices into θ, one row per group.   epsilon: ε, how much of a weight fades; 1 removes it.
        """
        faded = self.theta.repeat(len(groups), 1)
        faded[np.arange(len(groups))[:, None], groups] *= 1 - epsilon
        before, after = self._values(self.theta[None]), self._values(faded)
        predicted = -epsilon * self.slopes[:, groups].sum(-1)
        return Changes(100 * predicted / before, 100 * (after - before) / before)

    def _values(self, thetas: Float[Tensor, "groups N"]) -> Float[ndarray, "2 groups"]:
        """L and ‖g‖² for each row of weights."""
        parts = [(name, w.shape, w.numel()) for name, w in prunable(self.model).items()]
        others = {n: p.detach() for n, p in self.model.named_parameters() if n not in {n for n, *_ in parts}}

        def loss(theta: Tensor) -> Tensor:
            rows = theta.split([size for *_, size in parts])
            weights = {name: row.view(shape) for (name, shape, _), row in zip(parts, rows, strict=True)}
            return losses(functional_call(self.model, others | weights, (self.x,)), self.y).mean()

        def both(theta: Tensor) -> tuple[Tensor, Tensor]:
            g, value = grad_and_value(loss)(theta)
            return value, g @ g

        return torch.stack(vmap(both)(thetas)).detach().numpy()
