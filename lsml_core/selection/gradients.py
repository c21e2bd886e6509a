"""Gradients of single examples, and what stands in for them.

    ℓ (loss)       cross-entropy of one example        h    what goes into the output layer, (n, width)
    z (logits)     W h + b, (n, classes)               W    its `weight`, (classes, width)
    probabilities  p = softmax(z)                      y    labels, int64 (n,)

The chain rule, from the end: ∂ℓ/∂z = p − y, with y as a one-hot row; ∂ℓ/∂h = Wᵀ(p − y); ∂ℓ/∂W = (p − y) hᵀ.
"""

from typing import TYPE_CHECKING, SupportsIndex

import numpy as np
from jaxtyping import Float, Int64, Integer, Real, Shaped
from numpy import ndarray

from lsml_core.submodular.arguments import whole_number

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
    if y.ndim != 1 or y.dtype.kind not in "iu" or probabilities.shape[-2:-1] != y.shape:
        raise ValueError(
            f"y is {y.dtype} of shape {y.shape}, and must be whole numbers, one for each row of the "
            f"probabilities, which have shape {probabilities.shape}"
        )
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
    model: "nn.Module",
    x: Real[ndarray, "n ..."],
    y: Integer[ndarray, "n ..."],
    *,
    chunk: SupportsIndex = CHUNK,
) -> Float[ndarray, " n"]:
    """GraNd: ‖∇_w ℓ(x, y)‖₂ over all parameters that are trained, of each example by itself.

    model, x, y: a classifier, its inputs, and their labels; chunk: examples that are looked at together.
    Of a plain chain of linear layers the lengths alone are computed, see `factors`; of all other models the
    gradients of a chunk, at once, by `torch.func`, or one after another where `torch.func` cannot. For the
    model as it is, in evaluation mode: dropout is off, and batch norm uses its running statistics. The
    expectation over w of the paper is the mean over models.
    ValueError: chunk < 1, x and y of different length, labels that are not classes, a model without trained
    parameters, or one in which an example has no gradient of its own: batch norm without running statistics,
    or random numbers in evaluation mode.  Paul, Ganguli & Dziugaite (NeurIPS 2021).
    """
    import torch

    from lsml_core.selection.factors import closed_form_holds, gradient_norms
    from lsml_core.training import in_mode

    chunk = whole_number(chunk, "chunk", 1)
    _check_model(model)
    rows, labels = _tensors(model, x, y)
    norms = gradient_norms if closed_form_holds(model, rows.ndim) else functional_norms
    with in_mode(model, training=False), torch.enable_grad():
        _check_labels(model, rows[:1], labels)
        parts = zip(rows.split(chunk), labels.split(chunk), strict=True)
        return torch.cat([norms(model, *part) for part in parts]).cpu().numpy()


def functional_norms(
    model: "nn.Module", x: "Shaped[Tensor, 'b ...']", y: "Int64[Tensor, 'b ...']"
) -> "Float[Tensor, ' b']":
    """‖∇_w ℓ‖₂ of each example over the trained parameters, in float64, for any model, by `torch.func`.

    Each gradient is a copy of all parameters. A weight that is used twice, or has two names, has one.
    """
    import torch
    from torch.func import functional_call, grad, vmap
    from torch.linalg import vector_norm

    from lsml_core.training import losses

    # Each place once: a layer that the model holds twice would not get its own parameters back.
    places = {
        f"{path}.{name}".lstrip("."): w
        for path, layer in model.named_modules()
        for name, w in layer._parameters.items()
        if w is not None
    }
    first = {id(w): name for name, w in reversed(places.items())}
    weights = {name: w.detach() for name, w in places.items() if w.requires_grad and first[id(w)] == name}

    def loss(weights: dict, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        here = {name: weights.get(first[id(w)], w.detach()) for name, w in places.items()}
        return losses(functional_call(model, here, (x[None],), tie_weights=False), y[None])[0]

    def norms(weights: dict, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.stack([vector_norm(part.double()) for part in grad(loss)(weights, x, y).values()])

    try:
        return vector_norm(vmap(norms, in_dims=(None, 0, 0))(weights, x, y), dim=1)
    except RuntimeError as error:
        if "random" in str(error):
            raise ValueError(f"the model draws random numbers in evaluation mode: {error}") from error
        return looped_norms(model, x, y)


def looped_norms(
    model: "nn.Module", x: "Shaped[Tensor, 'b ...']", y: "Int64[Tensor, 'b ...']"
) -> "Float[Tensor, ' b']":
    """As `functional_norms`, one example after another: slow, for layers that `torch.func` does not know."""
    import torch

    from lsml_core.training import losses

    trained = [w for w in model.parameters() if w.requires_grad]

    def norm(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        loss = losses(model(x.clone()), y).sum()
        gradients = torch.autograd.grad(loss, trained, allow_unused=True)
        return torch.stack([g.double().square().sum() for g in gradients if g is not None]).sum().sqrt()

    return torch.stack([norm(*example) for example in zip(x.split(1), y.split(1), strict=True)])


def _check_model(model: "nn.Module") -> None:
    from torch import nn

    if not any(w.requires_grad for w in model.parameters()):
        raise ValueError("the model has no parameter with requires_grad, so no gradient has a length")
    for name, layer in model.named_modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm) and layer.running_mean is None:
            raise ValueError(
                f"layer {name!r} is a batch norm without running statistics: it looks at the whole batch, so "
                "no example has a gradient of its own"
            )


def _tensors(
    model: "nn.Module", x: Real[ndarray, "n ..."], y: Integer[ndarray, "n ..."]
) -> "tuple[Shaped[Tensor, 'n ...'], Int64[Tensor, 'n ...']]":
    """Copies where the model is: x in its precision, but for whole numbers that an embedding looks up."""
    import torch
    from torch import nn

    x, y = np.array(x), np.array(y)
    if len(x) != len(y) or y.dtype.kind not in "iu":
        raise ValueError(f"y is {y.dtype} of shape {y.shape}, and must be {len(x)} labels, one for each of x")
    like = next(model.parameters())
    looked_up = x.dtype.kind in "iu" and any(isinstance(layer, nn.Embedding) for layer in model.modules())
    rows = torch.from_numpy(x)
    rows = rows.to(like.device, torch.int64) if looked_up else rows.to(like)
    return rows, torch.from_numpy(y.astype(np.int64)).to(like.device)


def _check_labels(model: "nn.Module", one: "Shaped[Tensor, '1 ...']", y: "Int64[Tensor, 'n ...']") -> None:
    import torch

    if not len(one):
        return
    with torch.no_grad():
        classes = model(one.clone()).shape[-1]
    if not 0 <= y.min() <= y.max() < classes:
        raise ValueError(f"y holds labels from {y.min()} to {y.max()}, and the model has {classes} outputs")
