"""SynFlow's objective R = 1ᵀ ∏|θ| 1: the sum of the outputs for an input of ones, with |θ| in place of θ.

R is the sum, over all paths from an input to an output, of the product of |θ| along the path. `flow` computes
it for any network by replacing its parameters and switching off what is not a product. The score of a weight,
|θ ∂R/∂θ|, is `scores.synflow`.
"""

from inspect import signature
from typing import Any

import torch
from jaxtyping import Float, Real
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from lsml_core.pruning.functional import call_with, other_tensors
from lsml_core.pruning.weights import Weights, check_stored, weights_of
from lsml_core.training import check_outputs, in_mode
from lsml_core.validation import check_counts

NORMS = (F.layer_norm, F.rms_norm, F.group_norm, F.instance_norm, F.batch_norm)
EMBEDDINGS = (F.embedding, F.embedding_bag)
SOFTMAX = ("softmax", "log_softmax")  # by name: torch has several functions of each


def flow(model: nn.Module, weights: Weights, shape: tuple[int, ...]) -> Float[Tensor, ""]:
    """R for one input of ones.

    model: any network.   weights: see `flow_of`.   shape: of the input, without the batch axis.
    """
    return flow_of(model, weights, torch.ones(1, *check_counts("shape", shape)))


@torch.enable_grad()
def flow_of(model: nn.Module, weights: Weights, x: Real[Tensor, "n ..."]) -> Float[Tensor, ""]:
    """R for the inputs x: the sum of the outputs, with absolute values of all tensors, and biases 0.

    weights: nonnegative, used in place of the model's weights; their dtype is that of the computation.
    A softmax at the end is left out: its outputs always have the same sum.
    ValueError: outputs that are not one tensor of real numbers.
    """
    check_stored(weights_of(model))
    like = next(iter(weights.values()))
    rest = {name: _for_flow(name, t.detach(), like) for name, t in other_tensors(model, weights).items()}
    with in_mode(model, training=False), _OnlyProducts() as products:
        outputs = check_outputs(call_with(model, rest | weights, x.to(like).clone()))
        return products.without_softmax(outputs).sum()


def _for_flow(name: str, tensor: Tensor, like: Tensor) -> Tensor:
    if not tensor.is_floating_point() and not tensor.is_complex():
        return tensor.clone()
    own = name.rpartition(".")[2]
    if "bias" in own or own == "running_mean":
        return torch.zeros_like(tensor, dtype=like.dtype)
    return tensor.abs().to(like.dtype)


class _OnlyProducts(TorchFunctionMode):
    """Inside, norms only multiply by γ and embeddings accept floats, called as layers or as functions.

    A norm with running averages keeps them. `logits` maps what a softmax returned to what it was given.
    """

    def __init__(self) -> None:
        super().__init__()
        self.logits: list[tuple[Tensor, Tensor]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in EMBEDDINGS:
            given = signature(func).bind(*args, **kwargs).arguments
            return func(
                **given | {"input": _as_tokens(given["input"], given["weight"], given.get("padding_idx"))}
            )
        if func in NORMS:
            given = signature(func).bind(*args, **kwargs).arguments
            if func is not F.batch_norm or given.get("training"):
                return _times_gamma(func, given["input"], given.get("weight"))
        result = func(*args, **kwargs)
        if getattr(func, "__name__", "") in SOFTMAX:
            self.logits.append((result, args[0] if args else kwargs["input"]))
        return result

    def without_softmax(self, outputs: Tensor) -> Tensor:
        """What the model's last layer was given, if that is a softmax: the sum of its outputs is constant."""
        return next((given for result, given in self.logits if result is outputs), outputs)


def _as_tokens(x: Tensor, table: Tensor, padding: int | None) -> Tensor:
    """Rows of the table. The padding's row has no gradient, so the next row takes its place."""
    tokens = x.long().clamp(max=len(table) - 1)
    if padding is None:
        return tokens
    padding %= len(table)
    return torch.where(tokens == padding, (padding + 1) % len(table), tokens)


def _times_gamma(norm: Any, x: Tensor, gamma: Tensor | None) -> Tensor:
    if gamma is not None and norm not in (F.layer_norm, F.rms_norm):
        gamma = gamma.view(-1, *[1] * (x.ndim - 2))  # one factor per channel
    return x.clone() if gamma is None else x * gamma
