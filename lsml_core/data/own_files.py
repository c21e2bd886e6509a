"""Full image sets from the reader's own disk: `full("mnist", "train") -> (x, y)`, as uint8.

LSML_DATA_DIR names a folder with the idx files of MNIST or Fashion-MNIST (plain or .gz) or with CIFAR-10's
binary version, directly or in the subfolders below. No pickle is ever loaded: loading one runs
whatever program its author put in.
"""

import os
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from lsml_core.data.cifar import ARCHIVE, BATCHES, read_cifar10
from lsml_core.data.idx import IDX, read_idx

VARIABLE = "LSML_DATA_DIR"
FOLDERS = {
    "mnist": ("mnist", "MNIST/raw", "."),  # …/raw is where torchvision leaves them
    "fashion": ("fashion", "fashion-mnist", "FashionMNIST/raw", "."),
    "cifar10": ("cifar-10-batches-bin", "."),
}
WHAT_TO_DO = {
    "mnist": "put the four idx files of MNIST there",
    "fashion": "put the four idx files of Fashion-MNIST there (Debian has them: dataset-fashion-mnist)",
    "cifar10": f"put {ARCHIVE}, the binary version of CIFAR-10, there",
}


def full(name: str, split: str) -> tuple[UInt8[np.ndarray, "n *shape"], UInt8[np.ndarray, " n"]]:
    """x (n, 28, 28), or (n, 3, 32, 32) for cifar10, and y (n,), in the files' own order, checked in full.

    FileNotFoundError or ValueError says which file is missing or wrong, and what to do.
    """
    if name == "cifar10":
        source = _find(name, (BATCHES[split][0], ARCHIVE))
        return read_cifar10(source if source.name == ARCHIVE else source.parent, split)
    images, labels = (read_idx(_find(name, _spellings(part.name)), part) for part in IDX[name][split])
    return images, labels


def _spellings(name: str) -> tuple[str, ...]:
    dotted = name.replace("-idx", ".idx")  # as some archives have it
    return name, f"{name}.gz", dotted, f"{dotted}.gz"


def _find(name: str, wanted: tuple[str, ...]) -> Path:
    """The first of the wanted files, subfolders before the folder itself: that one may hold another set."""
    folders = _folders(name)
    for path in (folder / file for folder in folders for file in wanted):
        if path.is_file():
            return path
    seen = sorted(path for folder in folders if folder.is_dir() for path in folder.iterdir())
    pickles = [p for p in seen if ".pkl" in p.name or p.name in ("data_batch_1", "cifar-10-batches-py")]
    note = f" ({pickles[0]} is pickled; pickles are never loaded)" if pickles else ""
    raise FileNotFoundError(
        f"{name}: found no {' or '.join(wanted)} in {', '.join(map(str, folders))}{note}; {WHAT_TO_DO[name]}"
    )


def _folders(name: str) -> list[Path]:
    root = Path(os.environ.get(VARIABLE, "")).expanduser()
    if not os.environ.get(VARIABLE):
        raise FileNotFoundError(f"{VARIABLE} is not set: set it to a folder and {WHAT_TO_DO[name]}")
    if not root.is_dir():
        raise FileNotFoundError(f"{VARIABLE}={root} is not a folder: make it and {WHAT_TO_DO[name]}")
    return [root / sub for sub in FOLDERS[name]]
