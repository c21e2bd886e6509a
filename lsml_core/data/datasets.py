"""Labelled examples: `load("fashion") -> Dataset`, ready for training, selection and partition.

x        examples, float32 (n, …): images (n, side, side), in colour (n, 3, side, side), white = 1
y        labels, int64 (n,), 0 … len(classes) − 1
indices  positions in the Dataset at hand
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64, Integer, UInt8

from lsml_core.data import own_files
from lsml_core.data.shipped import shipped
from lsml_core.validation import (
    check_count,
    check_fraction,
    check_indices,
    check_kind,
    check_labels,
    check_rng,
)

_GARMENTS = "T-shirt/top, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot"
_OBJECTS = "airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck"
CLASSES = {
    "fashion": tuple(_GARMENTS.split(", ")),
    "mnist": tuple("0123456789"),
    "digits": tuple("0123456789"),
    "cifar10": tuple(_OBJECTS.split(", ")),
}


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """n examples with their labels, frozen down to the arrays, so that it is shared without copies.

    x: examples, float32 (n, …).   y: labels, int64 (n,), 0 … len(classes) − 1.
    classes: their names.   name: of the data set.
    It keeps copies: also a read-only array may change, through the array that it is a view of.
    ValueError: a wrong type or length, a value that is not finite, a label without a class.
    """

    x: Float32[np.ndarray, "n *shape"]
    y: Int64[np.ndarray, " n"]
    classes: tuple[str, ...]
    name: str

    def __post_init__(self) -> None:
        _check(self.x, self.y, len(self.classes))
        for name in ("x", "y"):
            object.__setattr__(self, name, _seal(getattr(self, name).copy()))
        object.__setattr__(self, "classes", tuple(self.classes))

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        shape = "×".join(map(str, self.x.shape[1:]))
        return f"Dataset({self.name!r}: {len(self)} examples of {shape}, {len(self.classes)} classes)"

    def subset(self, indices: Sequence[int] | Integer[np.ndarray, " k"]) -> "Dataset":
        """The examples at these indices, in this order; an index may come twice."""
        i = checked_indices(indices, len(self))
        return _own(self.x[i], self.y[i], self.classes, self.name)

    def split(self, fraction: float | int, *, rng: np.random.Generator) -> tuple["Dataset", "Dataset"]:
        """Two disjoint random parts, round(fraction · n) examples in the first."""
        check_fraction(fraction=fraction)
        order, size = check_rng(rng).permutation(len(self)), round(fraction * len(self))
        return self.subset(order[:size]), self.subset(order[size:])

    def relabel(self, y: Int64[np.ndarray, " n"]) -> "Dataset":
        """The same examples under other labels.

        y: labels, int64 (n,), 0 … len(classes) − 1.
        """
        return _own(self.x, np.array(y), self.classes, self.name)


def load(name: str, *, split: str = "train", side: int | None = None, full: bool = False) -> Dataset:
    """One of the image sets, in random order, pixels in [0, 1].

    name: "fashion", "mnist", "digits" or "cifar10".   split: "train" or "test".
    "fashion", "mnist": 5,000 train and 2,000 test images of 28 × 28, every class equally often.
    "digits": 1,437 and 360 of 8 × 8. "cifar10" (32 × 32, in colour), and with `full` also all 70,000
    images of the first two, are read from the reader's own folder LSML_DATA_DIR.
    side=14 averages blocks of 2 × 2 pixels: a quarter of the work.
    ValueError or FileNotFoundError says what is wrong and what to do.
    """
    if name not in CLASSES:
        raise ValueError(f"name={name!r} is none of {', '.join(CLASSES)}")
    if split not in ("train", "test"):
        raise ValueError(f"split={split!r} is neither 'train' nor 'test'")
    own = name == "cifar10" or (full and name != "digits")  # digits ship whole
    x, y = own_files.full(name, split) if own else _shipped(name, split)
    white = 16 if name == "digits" else 255
    images = _pooled(x, x.shape[-1] if side is None else side) / np.float32(white)
    return _own(images, y.astype(np.int64), CLASSES[name], name)


def _own(x: np.ndarray, y: np.ndarray, classes: tuple[str, ...], name: str) -> Dataset:
    """A Dataset of arrays that nobody else can write to: taken as they are, without copies."""
    _check(x, y, len(classes))
    data = object.__new__(Dataset)
    for field, value in {"x": _seal(x), "y": _seal(y), "classes": classes, "name": name}.items():
        object.__setattr__(data, field, value)
    return data


def _shipped(name: str, split: str) -> tuple[UInt8[np.ndarray, "n h w"], UInt8[np.ndarray, " n"]]:
    arrays = shipped(f"{name}.npz")
    return arrays[f"{split}_x"], arrays[f"{split}_y"]


def _pooled(x: UInt8[np.ndarray, "*n h w"], side: int) -> Float32[np.ndarray, "*n side side"]:
    """Block means, summed pixel by pixel of the block: nine times faster here than a mean over two axes."""
    width, side = x.shape[-1], check_count("side", side, low=None)
    if not 1 <= side <= width or width % side:
        raise ValueError(f"side={side} does not divide the images' side {width}")
    b = width // side
    total = np.zeros((*x.shape[:-2], side, side), np.float32)
    for i, j in np.ndindex(b, b):
        total += x[..., i::b, j::b]
    return total / np.float32(b * b)


def _seal(array: np.ndarray) -> np.ndarray:
    """Makes an array of our own read-only."""
    array.flags.writeable = False
    return array


def _check(x: np.ndarray, y: np.ndarray, classes: int) -> None:
    for name, array in (("x", x), ("y", y)):
        check_kind(name, array, np.ndarray, "an array")
    if x.dtype != np.float32 or x.ndim < 1:
        raise ValueError(f"x has shape {x.shape} and dtype {x.dtype}; it must be (n, …) and float32")
    if y.dtype != np.int64 or y.shape != x.shape[:1]:
        raise ValueError(f"y has shape {y.shape} and dtype {y.dtype}; it must be {x.shape[:1]} and int64")
    if not np.isfinite(x).all():
        raise ValueError(f"x holds {np.count_nonzero(~np.isfinite(x))} values that are not finite")
    check_labels(y, y.shape, classes)


def checked_indices(indices: Sequence[int] | np.ndarray, n: int) -> np.ndarray:
    """A row of integers. ValueError: another shape or type, or an index outside 0 … n − 1."""
    return check_indices("indices", indices, n)
