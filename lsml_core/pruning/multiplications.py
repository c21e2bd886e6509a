"""`count_multiplications(model, x)`: how many multiplications each weight takes part in, as torch runs.

Counting operations instead of layers finds a weight wherever it is used: in attention, in a user's own layer,
in two layers that share it, or transposed in a decoder.
"""

from bisect import bisect_right, insort
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

from lsml_core.pruning.functional import like_model
from lsml_core.pruning.weights import Weighted, weights_of
from lsml_core.tensors import check_model
from lsml_core.training import in_mode
from lsml_core.validation import check_kind

NOT_COUNTABLE = ("_trilinear", "mkldnn_rnn_layer", "_cudnn_rnn", "lstm", "gru", "miopen_rnn")
"""Operations with weights for which torch has no formula."""


Memory = tuple[int, int]
"""A storage, and the place in it where a parameter begins."""


class Multiplications(NamedTuple):
    """A weight, and the number of multiplications with its entries for one example."""

    weight: Tensor
    multiplications: int


@torch.inference_mode(False)
@torch.no_grad()
def count_multiplications(model: nn.Module, x: Shaped[Tensor, "n ..."]) -> dict[str, Multiplications]:
    """Parameter name -> its multiplications in a forward pass in evaluation mode, in the order of use.

    model: any network, also on the meta device, where nothing is computed.
    x: a batch of any size; counts are per example. A product of two weights counts for the first of them.
    What is computed from a weight alone and has its size, such as `mask * weight`, counts for the weight.
    ValueError: a weight in an operation whose multiplications cannot be counted.
    """
    check_model(model)
    check_kind("x", x, Tensor, "a tensor")
    if not x.ndim or not len(x):
        raise ValueError(f"x of shape {tuple(x.shape)} must hold at least one example")
    x = like_model(x, model).clone()
    counter = _Counter(dict(model.named_parameters()) | weights_of(model), x)
    with (
        in_mode(model, training=False),
        _without_fused_attention(),
        _computed_weights(model, counter),
        counter,
    ):
        model(x)
    return {name: Multiplications(counter.weights[name], n // len(x)) for name, n in counter.found.items()}


class _Counter(TorchDispatchMode):
    """Recognises a weight by its memory, which a transpose or part of it shares. Ignores vectors.

    Parameters may lie one after another in one storage, as after nn.utils.vector_to_parameters: memory is
    then the storage and the place where the parameter begins.

    starts    storage -> the places where a parameter begins, ascending
    names     memory -> the weight that lies there
    computed  memory -> the weight that what lies there was computed from, without the inputs
    mixed     the same for what has another number of entries, such as two weights joined
    inputs    memory of everything that depends on the inputs
    """

    def __init__(self, weights: dict[str, Tensor], x: Tensor) -> None:
        super().__init__()
        self.weights: dict[str, Tensor] = {}
        self.starts: dict[int, list[int]] = {}
        self.names: dict[Memory, str] = {}
        self.computed: dict[Memory, str] = {}
        self.mixed: dict[Memory, str] = {}
        self.inputs = {self.memory(x)}
        self.found: dict[str, int] = {}
        self.alive: list[Tensor] = []
        for name, weight in weights.items():
            self.add(name, weight)

    def add(self, name: str, weight: Tensor) -> None:
        """Keeps the tensor alive, so that no other tensor gets its memory."""
        starts = self.starts.setdefault(_storage(weight), [])
        if weight.storage_offset() not in starts:
            insort(starts, int(weight.storage_offset()))
        self.weights[name] = weight
        if weight.ndim > 1:
            self.names[self.memory(weight)] = name

    def memory(self, tensor: Tensor) -> Memory:
        """The same for all tensors that share the memory of one parameter."""
        storage = _storage(tensor)
        starts = self.starts.get(storage, [0])
        return storage, starts[max(bisect_right(starts, tensor.storage_offset()) - 1, 0)]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func.overloadpacket)
        used = [self.memory(t) for t in _tensors((args, kwargs))]
        if formula or func.overloadpacket.__name__ in NOT_COUNTABLE:
            names = self._weights_among(used)
            if not names and (mixed := self._mixed_among(used)):
                raise ValueError(
                    f"the multiplications of {mixed[0]} cannot be counted: {func} uses a tensor of "
                    "another size that was made of it"
                )
            for name in names[:1]:
                if formula is None:
                    raise ValueError(
                        f"the multiplications of {name} cannot be counted: {func} has no formula"
                    )
                operations = formula(*args, **(kwargs or {}), out_val=result)
                self.found[name] = self.found.get(name, 0) + operations // 2
        self._follow(used, _tensors(result))
        return result

    def _weights_among(self, used: list[Memory]) -> list[str]:
        own = [self.names[m] for m in used if m in self.names]
        return own or [self.computed[m] for m in used if m in self.computed]

    def _mixed_among(self, used: list[Memory]) -> list[str]:
        return [self.mixed[m] for m in used if m in self.mixed]

    def _follow(self, used: list[Memory], results: list[Tensor]) -> None:
        """Note what the results depend on; they may lie where something else was before."""
        depends = any(m in self.inputs for m in used)
        names, mixed = self._weights_among(used), self._mixed_among(used)
        for tensor in results:
            memory = self.memory(tensor)
            if depends:
                self.inputs.add(memory)
                continue
            self.inputs.discard(memory)
            if memory in self.names or memory in self.computed or not names + mixed or tensor.ndim < 2:
                continue
            same = names and tensor.numel() == self.weights[names[0]].numel()
            (self.computed if same else self.mixed)[memory] = (names + mixed)[0]
            self.alive.append(tensor)


def _storage(tensor: Tensor) -> int:
    """The same for all tensors that share a storage; on the meta device, too, where memory has no address."""
    return tensor.untyped_storage()._cdata


def _tensors(values: Any) -> list[Tensor]:
    return [t for t in tree_leaves(values) if isinstance(t, Tensor)]


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
