"""Examples as a network takes them: from arrays of any sensible type to tensors on the model's device.

x    inputs, (n, …)                            becomes
     float16, float32, float64                 floats in the model's precision
     uint8: pixels, 255 = white                the same, divided by 255
     bool                                      the same, 0 and 1
     other integers: tokens, for an embedding  int64, unchanged
y    labels, (n, …): integers or bool          int64
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64, Shaped
from numpy import ndarray
from torch import Tensor, nn

from lsml_core.validation import array_of, check_kind


def check_model(model: Any, name: str = "model") -> None:
    """ValueError unless `model` is a network; its class or its `state_dict()` is none."""
    check_kind(name, model, nn.Module, "a torch module, such as mlp((784, 100, 10), rng=rng)")


def as_inputs(x: Any, model: nn.Module, read: Int64[ndarray, " m"] | None = None) -> Shaped[ndarray, "n ..."]:
    """`x` as floats or int64, see the table above. Arrays that need no change are not copied.

    read: indices of the examples that will be used, by default all; the others may hold anything.
    ValueError: another type; nan or infinity in an example that is used; uint8 for a model with an
    embedding, because tokens divided by 255 would all become token 0.
    """
    x = array_of("x", x)
    if x.dtype == np.uint8:
        if any(isinstance(layer, nn.Embedding) for layer in model.modules()):
            raise ValueError(
                "x is uint8, which means pixels, but the model has an embedding: use int64 tokens"
            )
        return x / np.float32(255)
    if x.dtype.kind in "iu":
        return x.astype(np.int64, copy=False)
    if x.dtype.kind not in "bf":
        raise ValueError(f"x has dtype {x.dtype}; it must hold floats, integers or bool")
    _check_finite(x, read)
    known = next((t for t in (np.float16, np.float32, np.float64) if x.dtype == t), None)
    return x.astype(known or (np.float32 if x.dtype == bool else np.float64), copy=False)


def as_labels(y: Any) -> Int64[ndarray, "n ..."]:
    """`y` as int64. ValueError: labels that are not integers, or a negative one."""
    y = array_of("y", y)
    if y.dtype.kind not in "iub":
        raise ValueError(f"y has dtype {y.dtype}; labels must be integers")
    if y.size and y.min() < 0:
        raise ValueError(f"y holds the label {y.min()}; labels must be at least 0")
    return y.astype(np.int64, copy=False)


def on_model(array: Shaped[ndarray, "..."], model: nn.Module) -> Shaped[Tensor, "..."]:
    """On the model's device, floats in its precision; a copy, because torch has no read-only tensors.

    array: numbers of any shape.   model: any network.
    """
    check_model(model)
    tensor = torch.from_numpy(array.copy())
    like = next((p for p in model.parameters() if p.is_floating_point()), torch.empty(0))
    return tensor.to(like) if tensor.is_floating_point() else tensor.to(like.device)


def at_least_float32(tensor: Shaped[Tensor, "..."]) -> Shaped[Tensor, "..."]:
    """Half precision becomes float32, in which products of small numbers do not vanish and sums are right.

    tensor: of any dtype; others stay as they are.
    """
    return tensor.float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor


def as_array(tensor: Shaped[Tensor, "..."]) -> Shaped[ndarray, "..."]:
    """As a numpy array; bfloat16, which numpy does not have, becomes float32.

    tensor: on any device.
    """
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).detach().cpu().numpy()


def flat(tensors: Iterable[Shaped[Tensor, "..."]]) -> Shaped[Tensor, " total"]:
    """All entries of the tensors, one tensor after another, as one vector: a copy."""
    return torch.cat([tensor.flatten() for tensor in tensors])


def _check_finite(x: Shaped[ndarray, "n ..."], read: Int64[ndarray, " m"] | None) -> None:
    if np.isfinite(x).all():
        return
    used = np.arange(len(x)) if read is None else read
    bad = used[~np.isfinite(x[used]).reshape(len(used), -1).all(axis=1)]
    if len(bad):
        raise ValueError(
            f"x must be finite, but {len(bad)} examples hold nan or infinity, the first at {bad[0]}"
        )
