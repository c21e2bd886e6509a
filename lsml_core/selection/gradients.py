"""Gradients of single examples, and what stands in for them.

    ℓ (loss)       cross-entropy of one example        h    input of the output layer (features), (n, width)
    z (logits)     W h + b, (n, classes)               W    its `weight`, (classes, width)
    probabilities  p = softmax(z)                      y    labels, int64 (n,)

The chain rule, from the end: ∂ℓ/∂z = p − y, with y as a one-hot row; ∂ℓ/∂h = Wᵀ(p − y); ∂ℓ/∂W = (p − y) hᵀ.
`plain_grand` takes one gradient after another; `grand` gives the same norms, faster.
"""

from typing import TYPE_CHECKING, SupportsIndex

import numpy as np
from jaxtyping import Float, Int64, Integer, Real, Shaped
from numpy import ndarray

from lsml_core.validation import array_of, check_count, check_labels, kind_of

if TYPE_CHECKING:
    from torch import Tensor, nn

CHUNK = 128
"""Examples whose gradients are held at a time: one copy of all parameters each."""


def logit_gradients(
    probabilities: Float[ndarray, "*runs n classes"], y: Int64[ndarray, " n"]
) -> Float[ndarray, "*runs n classes"]:
    """p − y, the gradient of the loss with respect to the logits.

    probabilities: p, (n, classes) or (runs, n, classes).   y: labels, (n,).
    ValueError: rows that do not hold probabilities, or labels that are not columns.
    """
    probabilities, y = array_of("probabilities", probabilities), array_of("y", y)
    if probabilities.ndim < 2 or probabilities.dtype.kind not in "biuf":
        kind = kind_of(probabilities)
        raise ValueError(f"probabilities is {kind}, and must be real numbers, (…, n, classes)")
    classes = probabilities.shape[-1]
    check_labels(y, probabilities.shape[-2:-1], classes)
    if probabilities.size and not (
        probabilities.min() >= 0 and np.allclose(probabilities.sum(axis=-1), 1, atol=1e-3)
    ):
        raise ValueError("probabilities must be at least 0 and add up to 1 in every row; are these logits?")
    if probabilities.dtype.kind != "f" or probabilities.dtype == np.float16:  # unsigned 0 − 1 is no −1
        probabilities = probabilities.astype(float)
    return probabilities - np.eye(classes, dtype=probabilities.dtype)[y]


def feature_gradients(
    probabilities: Float[ndarray, "n classes"],
    y: Int64[ndarray, " n"],
    weight: Float[ndarray, "classes width"],
) -> Float[ndarray, "n width"]:
    """Wᵀ(p − y), the gradient with respect to the input of the last layer: one product for all examples.

    probabilities: p, (n, classes).   y: labels, (n,).   weight: W of the last layer, (classes, width).
    """
    weight, slopes = array_of("weight", weight), logit_gradients(probabilities, y)
    if weight.ndim != 2 or len(weight) != slopes.shape[-1]:
        raise ValueError(f"weight of shape {weight.shape} must be ({slopes.shape[-1]}, width)")
    return slopes @ weight


def plain_grand(
    model: "nn.Module", x: "Shaped[Tensor, 'b ...']", y: "Int64[Tensor, 'b ...']"
) -> "Float[Tensor, ' b']":
    """‖∇_w ℓ‖₂ of each example, by a forward and a backward pass of its own: what `grand` computes.

    model: a classifier.   x, y: inputs and labels, tensors on its device.
    """
    import torch

    from lsml_core.training import losses

    trained = [w for w in model.parameters() if w.requires_grad]

    def norm(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        loss = losses(model(x.clone()), y).sum()
        gradients = torch.autograd.grad(loss, trained, allow_unused=True)
        return torch.stack([g.double().square().sum() for g in gradients if g is not None]).sum().sqrt()

    return torch.stack([norm(*example) for example in zip(x.split(1), y.split(1), strict=True)])


def grand(
    model: "nn.Module",
    x: Real[ndarray, "n ..."],
    y: Integer[ndarray, "n ..."],
    *,
    chunk: SupportsIndex = CHUNK,
) -> Float[ndarray, " n"]:
    """GraNd: ‖∇_w ℓ(x, y)‖₂ over all trained parameters, of each example.

    model: a classifier, taken as it is, in evaluation mode: dropout is off, and batch norm uses its running
    statistics.   x, y: its inputs, (n, …), and their labels, (n,), or (n, time) for sequences.
    chunk: examples computed together.
    The paper's expectation over w is the mean over models. A chain of linear layers needs no gradients, see
    `kernels.gradient_norms`; other models take `torch.func`, or `plain_grand` where it cannot be used.
    ValueError: chunk < 1, x and y of different length, labels that are not classes, a model without trained
    parameters, or one in which an example has no gradient of its own: batch norm without running statistics,
    or random numbers in evaluation mode.  Paul, Ganguli & Dziugaite (NeurIPS 2021).
    """
    import torch

    from lsml_core.evaluation import check_outputs, in_mode
    from lsml_core.tensors import as_inputs, as_labels, on_model

    chunk = check_count("chunk", chunk)
    _check_model(model)
    x, y = array_of("x", x), array_of("y", y)
    if not x.ndim or not y.ndim:
        raise ValueError(f"x is {kind_of(x)} and y is {kind_of(y)}; both must have one row per example")
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} examples and y {len(y)} labels; both must have as many")
    rows, labels = on_model(as_inputs(x, model), model), on_model(as_labels(y), model)
    with in_mode(model, training=False), torch.enable_grad():
        if len(rows):
            with torch.no_grad():
                classes = check_outputs(model(rows[:1].clone())).shape[-1]
            check_labels(labels.cpu().numpy(), tuple(labels.shape), classes)
        parts = zip(rows.split(chunk), labels.split(chunk), strict=True)
        return torch.cat([_norms(model, *part) for part in parts]).cpu().numpy()


def _norms(
    model: "nn.Module", x: "Shaped[Tensor, 'b ...']", y: "Int64[Tensor, 'b ...']"
) -> "Float[Tensor, ' b']":
    from lsml_core.selection.kernels.gradient_norms import chain_norms, closed_form_holds, vectorized_norms

    if closed_form_holds(model, x.ndim):
        return chain_norms(model, x, y)
    norms = vectorized_norms(model, x, y)
    return plain_grand(model, x, y) if norms is None else norms


def _check_model(model: "nn.Module") -> None:
    from torch import nn

    from lsml_core.tensors import check_model

    check_model(model)
    if not any(w.requires_grad for w in model.parameters()):
        raise ValueError("the model has no parameter with requires_grad, so there is no gradient")
    for name, layer in model.named_modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm) and layer.running_mean is None:
            raise ValueError(
                f"layer {name!r} is a batch norm without running statistics: it depends on the whole "
                "batch, so no example has a gradient of its own"
            )
