"""Gradients of single examples, and what stands in for them.

    ℓ (loss)       cross-entropy of one example        h    what goes into the output layer, (n, width)
    z (logits)     W h + b, (n, classes)               W    its `weight`, (classes, width)
    probabilities  p = softmax(z)                      y    labels, int64 (n,)

The chain rule, from the end: ∂ℓ/∂z = p − y, with y as a one-hot row; ∂ℓ/∂h = Wᵀ(p − y); ∂ℓ/∂W = (p − y) hᵀ.
"""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int64, Real, Shaped
from numpy import ndarray

if TYPE_CHECKING:
    from torch import Tensor, nn

CHUNK = 128
"""Examples whose gradients are held at a time: a copy of all parameters each."""


def errors(
    probabilities: Float[ndarray, "*runs n classes"], y: Int64[ndarray, " n"]
) -> Float[ndarray, "*runs n classes"]:
    """p − y, the gradient with respect to the logits.

    ValueError: rows that are no probabilities, or labels that name no column.
    """
    classes = probabilities.shape[-1]
    if len(y) and not 0 <= y.min() <= y.max() < classes:
        raise ValueError(f"y holds labels from {y.min()} to {y.max()}, and there are {classes} probabilities")
    if probabilities.size and not (
        probabilities.min() >= 0 and np.allclose(probabilities.sum(axis=-1), 1, atol=1e-3)
    ):
        raise ValueError("probabilities must be at least 0 and add up to 1 in every row; are these logits?")
    return probabilities - np.eye(classes, dtype=probabilities.dtype)[y]


def last_inputs(
    probabilities: Float[ndarray, "n classes"],
    y: Int64[ndarray, " n"],
    weight: Float[ndarray, "classes width"],
) -> Float[ndarray, "n width"]:
    """Wᵀ(p − y), the gradient with respect to the input of the last layer: one product for all examples."""
    return errors(probabilities, y) @ weight


def grand(
    model: "nn.Module", x: Real[ndarray, "n ..."], y: Int64[ndarray, " n"], *, chunk: int = CHUNK
) -> Float[ndarray, " n"]:
    """GraNd: ‖∇_w ℓ(x, y)‖₂ over all parameters, of each example by itself, for the model as it is.

    Of a chain of linear layers the lengths alone are computed, see `factors`; of all other models the
    gradients of a chunk, at once, by `torch.func`. In evaluation mode: where batch norm looks at the
    batch, no example has a gradient of its own. The expectation over w of the paper is the mean over models.
    ValueError: chunk < 1.  Paul, Ganguli & Dziugaite (NeurIPS 2021).
    """
    import torch

    from lsml_core.selection.factors import all_linear, gradient_norms
    from lsml_core.training import in_mode

    if chunk < 1:
        raise ValueError(f"chunk={chunk} must be at least 1")
    like = next(model.parameters())
    rows, labels = torch.from_numpy(x.copy()).to(like), torch.from_numpy(y.copy()).to(like.device)
    norms = gradient_norms if all_linear(model) else functional_norms
    with in_mode(model, training=False), torch.enable_grad():
        parts = zip(rows.split(chunk), labels.split(chunk), strict=True)
        return torch.cat([norms(model, *part) for part in parts]).cpu().numpy()


def functional_norms(
    model: "nn.Module", x: "Shaped[Tensor, 'b ...']", y: "Int64[Tensor, ' b']"
) -> "Float[Tensor, ' b']":
    """‖∇_w ℓ‖₂ of each example, in float64, for any model; each gradient is a copy of all parameters."""
    import torch
    from torch.func import functional_call, grad, vmap
    from torch.linalg import vector_norm

    from lsml_core.training import losses

    weights = {name: w.detach() for name, w in model.named_parameters()}

    def loss(weights: dict, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return losses(functional_call(model, weights, (x[None],)), y[None])[0]

    def norms(weights: dict, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.stack([vector_norm(part) for part in grad(loss)(weights, x, y).values()])

    return vector_norm(vmap(norms, in_dims=(None, 0, 0))(weights, x, y).double(), dim=1)
