"""`count_multiplications(model, x)`: how many multiplications each weight takes part in, as torch runs.

Counting operations instead of layers finds a weight wherever it is used: in attention, in a user's own layer,
in two layers that share it, or transposed in a decoder.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import torch
from jaxtyping import Shaped
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from lsml_core.pruning.weights import Weighted, weights_of
from lsml_core.training import in_mode

NOT_COUNTABLE = ("_trilinear", "mkldnn_rnn_layer", "_cudnn_rnn", "lstm", "gru", "miopen_rnn")
"""Operations with weights for which torch has no formula."""


class Multiplications(NamedTuple):
    """A weight, and the number of multiplications with its entries for one example."""

    weight: Tensor
    multiplications: int


@torch.inference_mode(False)
@torch.no_grad()
def count_multiplications(model: nn.Module, x: Shaped[Tensor, "n ..."]) -> dict[str, Multiplications]:
    """Parameter name -> its multiplications in a forward pass in evaluation mode, in the order of use.

    model: any network.
    x: a batch of any size; counts are per example. A product of two weights counts for the first of them.
    ValueError: a weight in an operation whose multiplications cannot be counted.
    """
    if not len(x):
        raise ValueError(f"x of shape {tuple(x.shape)} must hold at least one example")
    counter = _Counter(dict(model.named_parameters()) | weights_of(model))
    with (
        in_mode(model, training=False),
        _without_fused_attention(),
        _computed_weights(model, counter),
        counter,
    ):
        model(x.clone())
    return {name: Multiplications(counter.weights[name], n // len(x)) for name, n in counter.found.items()}


class _Counter(TorchDispatchMode):
    """Recognises a weight by its memory, which a transpose or part of it shares. Ignores vectors."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()
        self.weights: dict[str, Tensor] = {}
        self.names: dict[int, str] = {}
        self.found: dict[str, int] = {}
        for name, weight in weights.items():
            if weight.ndim > 1:
                self.add(name, weight)

    def add(self, name: str, weight: Tensor) -> None:
        """Keeps the tensor alive, so that no other tensor gets its memory."""
        self.weights[name] = weight
        self.names[weight.untyped_storage().data_ptr()] = name

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func.overloadpacket)
        if formula or func.overloadpacket.__name__ in NOT_COUNTABLE:
            for name in self._named(args)[:1]:
                if formula is None:
                    raise ValueError(
                        f"the multiplications of {name} cannot be counted: {func} has no formula"
                    )
                operations = formula(*args, **(kwargs or {}), out_val=result)
                self.found[name] = self.found.get(name, 0) + operations // 2
        return result

    def _named(self, args: Any) -> list[str]:
        tensors = [t for t in tree_leaves(args) if isinstance(t, Tensor)]
        pointers = [t.untyped_storage().data_ptr() for t in tensors]
        return [self.names[p] for p in pointers if p in self.names and p]


@contextmanager
def _without_fused_attention() -> Iterator[None]:
    """In the block, nn.MultiheadAttention and nn.TransformerEncoder run as separate operations."""
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)


@contextmanager
def _computed_weights(model: nn.Module, counter: _Counter) -> Iterator[None]:
    """Adds weights that are computed from other parameters; each forward pass gives them new memory."""

    def add_weight(name: str, layer: Any, _: Any) -> None:
        counter.add(name, layer.weight)

    handles = [
        layer.register_forward_pre_hook(partial(add_weight, f"{name}.weight".lstrip(".")))
        for name, layer in model.named_modules()
        if isinstance(layer, Weighted) and not isinstance(layer.weight, nn.Parameter)
    ]
    try:
        with nn.utils.parametrize.cached():
            yield
    finally:
        for handle in handles:
            handle.remove()
