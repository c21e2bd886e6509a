"""A quadratic model of the loss around a point of training, as CREST uses it, and what it is made of.

    w₀ (center)   weights at the center, flat, (parameters,)      δ    w − w₀
    g, H          gradient and diagonal of the Hessian at w₀      F(δ) L(w₀) + g·δ + ½ δ·Hδ

g and H come from one random batch each, so `Smoothed` averages them over the last centers.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from lsml_core.evaluation import losses
from lsml_core.tensors import flat, on_model


class Region(NamedTuple):
    """F(δ) = value + gradient·δ + ½ Σ curvature·δ², with δ = w − center; all of them flat, (parameters,)."""

    center: Float[Tensor, " parameters"]
    value: float
    gradient: Float[Tensor, " parameters"]
    curvature: Float[Tensor, " parameters"]

    def __call__(self, w: Float[Tensor, " parameters"]) -> float:
        """What the quadratic model says of the loss at w."""
        delta = w - self.center
        return float(self.value + self.gradient @ delta + 0.5 * (self.curvature * delta) @ delta)


class Smoothed:
    """A moving average that forgets: Σ βᵗ⁻ˢ v_s / Σ βᵗ⁻ˢ, so that the first value counts in full."""

    def __init__(self, beta: float) -> None:
        self.beta, self.total, self.weight = beta, torch.zeros(()), 0.0

    def add(self, value: Tensor) -> Tensor:
        """The average with `value` in it."""
        self.total, self.weight = self.beta * self.total + value, self.beta * self.weight + 1
        return self.total / self.weight


def gradient_and_curvature(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    *,
    weights: Float[ndarray, " b"],
    rng: np.random.Generator,
) -> tuple[Float[Tensor, " parameters"], Float[Tensor, " parameters"]]:
    """Gradient of the weighted mean loss, and an estimate of the diagonal of its Hessian.

    x, y: a batch on the model's device.   weights: of its examples, with mean 1.   rng: draws z.
    E z ⊙ Hz = diag H for a random vector z of signs: one more backward pass. Hutchinson (1989).
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    with sdpa_kernel(SDPBackend.MATH):  # fused attention has no second derivative
        loss = (on_model(weights, model) * losses(model(x), y)).mean()
    gradients = torch.autograd.grad(loss, parameters, create_graph=True, materialize_grads=True)
    signs = [torch.from_numpy(rng.choice([-1.0, 1.0], tuple(p.shape))).to(p) for p in parameters]
    along = torch.stack([(g * z).sum() for g, z in zip(gradients, signs, strict=True)]).sum()
    products = torch.autograd.grad(along, parameters, materialize_grads=True)
    diagonal = (z * product for z, product in zip(signs, products, strict=True))
    return flat(g.detach() for g in gradients), flat(diagonal)


def weights_of(model: nn.Module) -> Float[Tensor, " parameters"]:
    """A flat copy of all that is trained.

    model: any network.
    """
    return flat(p.detach() for p in model.parameters() if p.requires_grad)
