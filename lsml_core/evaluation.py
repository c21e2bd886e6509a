"""What a network says of examples: `loss, accuracy = evaluate(model, data)`, and what `fit` can record.

    n        examples in `data`          outputs  logits, (n, classes), or (n, time, classes)
    ℓᵢ       cross-entropy of example i  correct  1 where the largest output is the label's, 0 where not

Where the largest output is nan or infinite, no class is the likeliest: `correct` is nan there, and so is the
accuracy of all examples together, like their loss.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64, Integer, Shaped
from numpy import ndarray
from torch import Tensor, nn

from lsml_core.tensors import as_array, as_inputs, as_labels, at_least_float32, check_model, on_model
from lsml_core.validation import Count, check_count, check_kind

NO_LABEL = torch.iinfo(torch.int64).min  # torch's own default, −100, would count as a loss of 0
MOST_OUTPUTS = 1 << 20  # numbers: 4 MB in float32


@runtime_checkable
class Examples(Protocol):
    """What a model learns from: a `Dataset`, or token sequences with `y` of shape (n, time)."""

    @property
    def x(self) -> Shaped[ndarray, "n ..."]: ...
    @property
    def y(self) -> Integer[ndarray, "n ..."]: ...


def losses(outputs: Float[Tensor, "n *time classes"], y: Integer[Tensor, "n *time"]) -> Float[Tensor, " n"]:
    """ℓᵢ = −log softmax(outputsᵢ)[yᵢ]; over a sequence, its mean over time.

    ValueError: y does not have one label for each row of outputs, or one outside 0 … classes − 1, or numbers
    that are not integers; outputs that are not one tensor of real numbers.
    """
    check_outputs(outputs)
    if y.is_floating_point():
        raise ValueError(f"y is {y.dtype}; labels must be integers")
    if y.shape != outputs.shape[:-1]:
        raise ValueError(
            f"y has shape {tuple(y.shape)}, but outputs of shape {tuple(outputs.shape)} need one label for "
            f"each row: {tuple(outputs.shape[:-1])}"
        )
    flat = outputs.flatten(0, -2), y.flatten().long()
    try:
        each = F.cross_entropy(*flat, reduction="none", ignore_index=NO_LABEL)
    except IndexError as error:
        low, high, classes = int(y.min()), int(y.max()), outputs.shape[-1]
        raise ValueError(
            f"y runs from {low} to {high}; {classes} outputs allow 0 to {classes - 1}"
        ) from error
    return each.view(*y.shape, 1).flatten(1).mean(1)


def check_outputs(outputs: Any) -> Float[Tensor, "..."]:
    """The outputs of a model, if they are one tensor of real numbers. ValueError names what they are."""
    check_kind("the output of the model", outputs, Tensor, "a single tensor, the logits")
    if not outputs.is_floating_point():
        raise ValueError(f"the output of the model is {outputs.dtype}, and must be real floats, the logits")
    return outputs


def evaluate(model: nn.Module, data: Examples, *, batch: Count = 1024) -> tuple[float, float]:
    """Mean loss and accuracy (share of tokens, for sequences), in evaluation mode.

    model: returns logits, (n, classes) or (n, time, classes).   data: n examples, see `Examples`.
    batch: most examples at once; fewer where their outputs are large. Both are nan if an output is not a
    number. ValueError: data as in `fit`, or batch < 1.
    """
    size_of(data)
    y, each, correct = on_model(as_labels(data.y), model), [], []
    for some, outputs in _outputs(model, data.x, batch):
        each.append(losses(outputs, y[some]))
        correct.append(correctness(outputs, y[some]))
    return torch.cat(each).mean().item(), accuracy(correct)


def predict(model: nn.Module, x: Shaped[ndarray, "n ..."], *, batch: Count = 1024) -> Int64[ndarray, "n ..."]:
    """The likeliest class of each row (the likeliest next token, for sequences), in evaluation mode.

    model: returns logits, as in `evaluate`.   x: inputs, (n, …).   batch: most examples at once.
    ValueError: x as in `fit`, or outputs that are not numbers: then no class is the likeliest.
    """
    found = []
    for some, outputs in _outputs(model, x, batch):
        top, likeliest = outputs.max(-1)
        if not top.isfinite().all():
            raise ValueError(
                f"outputs for x[{some.start}:{some.stop}] hold nan or infinity: the model diverged"
            )
        found.append(likeliest)
    return torch.cat(found).cpu().numpy()


def per_example(
    model: nn.Module, data: Examples, *, batch: Count = 1024
) -> dict[str, Shaped[ndarray, "n ..."]]:
    """Everything `fit` can record, (n, …) by name, for the model as it is and in evaluation mode.

    model, data, batch: as in `evaluate`.
    """
    n, y, rows = size_of(data), on_model(as_labels(data.y), model), {}
    for some, outputs in _outputs(model, data.x, batch):
        note_(rows, READINGS, outputs, y[some], some, n)
    return {name: as_array(values) for name, values in rows.items()}


READINGS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "correct": lambda outputs, y: correctness(outputs, y) == 1,
    "loss": losses,
    "probabilities": lambda outputs, _: at_least_float32(outputs).softmax(-1),
    "logits": lambda outputs, _: outputs,
}


def size_of(data: Examples) -> int:
    """n, at least 1."""
    check_kind("data", data, Examples, "a Dataset, or another record with x and y")
    n = len(data.y)
    if len(data.x) != n or not n:
        raise ValueError(f"data has {len(data.x)} examples and {n} labels; it must have one label for each")
    return n


def _outputs(
    model: nn.Module, x: Shaped[ndarray, "n ..."], batch: Count
) -> Iterator[tuple[slice, Float[Tensor, "b ..."]]]:
    """Which examples, and their outputs: so many at once that they hold at most MOST_OUTPUTS numbers."""
    batch, n, first = check_count("batch", batch), len(x), 0
    if not n:
        raise ValueError("x has no examples")
    size = min(batch, 8)  # these tell how large an output is
    with in_mode(model, training=False):
        while first < n:
            some = slice(first, min(first + size, n))
            with torch.no_grad():
                outputs = check_outputs(model(on_model(as_inputs(x[some], model), model)))
            yield some, outputs
            each = -(-outputs.numel() // (some.stop - first))
            first, size = some.stop, max(1, min(batch, MOST_OUTPUTS // max(each, 1)))


@contextmanager
def in_mode(model: nn.Module, *, training: bool) -> Iterator[None]:
    """Training or evaluation mode inside, and outside every layer in the mode it was in.

    model: put into its mode, in place.   training: True for training mode, False for evaluation mode.
    """
    check_model(model)
    before = [(layer, layer.training) for layer in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for layer, was in before:
            layer.training = was


@torch.no_grad()
def correctness(
    outputs: Float[Tensor, "n *time classes"], y: Integer[Tensor, "n *time"]
) -> Float[Tensor, "n *time"]:
    """1 where the largest output is that of the label, 0 where not, nan where it is no finite number.

    outputs: logits, (n, classes) or (n, time, classes).   y: labels, (n,) or (n, time).
    """
    top, likeliest = outputs.max(-1)
    return torch.where(top.isfinite(), (likeliest == y).float(), math.nan)


def accuracy(correct: list[Tensor]) -> float:
    return torch.cat(correct).double().mean().item()


def note_(
    rows: dict[str, Tensor],
    names: Iterable[str],
    outputs: Tensor,
    y: Tensor,
    some: Int64[Tensor, " b"] | slice,
    n: int,
) -> None:
    """Write each reading into the rows `some` of n; examples that have none keep nan, or False."""
    for name in names:
        values = READINGS[name](outputs, y)
        if name not in rows:
            missing = False if values.dtype == torch.bool else math.nan
            rows[name] = values.new_full((n, *values.shape[1:]), missing)
        rows[name][some] = values
