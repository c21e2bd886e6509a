"""The idx files of MNIST and Fashion-MNIST: `read_idx(path, IDX["mnist"]["train"].images) -> x`.

An idx file is 00 00, a type byte (08: unsigned bytes), the number of dimensions, every dimension as
four bytes, then the values.
"""

import gzip
import hashlib
import math
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8


class IdxFile(NamedTuple):
    """What a genuine file must be.

    name: without ".gz".   md5: of its uncompressed bytes.   shape: of its array.
    """

    name: str
    shape: tuple[int, ...]
    md5: str


class Split(NamedTuple):
    images: IdxFile
    labels: IdxFile


def _split(prefix: str, n: int, images_md5: str, labels_md5: str) -> Split:
    return Split(
        IdxFile(f"{prefix}-images-idx3-ubyte", (n, 28, 28), images_md5),
        IdxFile(f"{prefix}-labels-idx1-ubyte", (n,), labels_md5),
    )


IDX = {
    "mnist": {
        "train": _split(
            "train", 60_000, "6bbc9ace898e44ae57da46a324031adb", "a25bea736e30d166cdddb491f175f624"
        ),
        "test": _split(
            "t10k", 10_000, "2646ac647ad5339dbf082846283269ea", "27ae3e4e09519cfbb04c329615203637"
        ),
    },
    "fashion": {
        "train": _split(
            "train", 60_000, "f4a8712d7a061bf5bd6d2ca38dc4d50a", "9018921c3c673c538a1fc5bad174d6f9"
        ),
        "test": _split(
            "t10k", 10_000, "8181f5470baa50b63fa0f6fddb340f0a", "15d484375f8d13e6eb1aabb0c3f46965"
        ),
    },
}


def read_idx(path: Path, file: IdxFile) -> UInt8[np.ndarray, "n *shape"]:
    """The values in an idx file, plain or gzipped, returned only if every byte is the genuine one.

    At most one byte more than a genuine file has is read, so a decompression bomb stays harmless.
    ValueError: a pickle, cut off, too long, altered, or another of the files in `IDX`.
    """
    size = len(header(file.shape)) + math.prod(file.shape)
    raw = _read_at_most(path, size + 1)
    _check_header(path, raw, file)
    if len(raw) != size:
        problem = f"is cut off after {len(raw)}" if len(raw) < size else "is longer than its"
        raise ValueError(f"{path} {problem} of {size} bytes: copy or download it again")
    _check_digest(path, raw, file)
    return np.frombuffer(raw, np.uint8, offset=size - math.prod(file.shape)).reshape(file.shape)


def header(shape: tuple[int, ...]) -> bytes:
    """What an idx file of bytes of this shape begins with."""
    return bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes()


def _read_at_most(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"  # the name does not decide: browsers unpack without renaming
    try:
        with gzip.open(path) if zipped else path.open("rb") as file:
            return file.read(limit)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is damaged or cut off ({error}): copy or download it again") from error


def _check_header(path: Path, raw: bytes, file: IdxFile) -> None:
    expected = header(file.shape)
    found = raw[: len(expected)]
    if expected.startswith(found):
        return
    if found.startswith(b"\x80"):
        raise ValueError(f"{path} is a pickle, and pickles are never loaded: get {file.name}.gz instead")
    if found[:3] != expected[:3]:
        raise ValueError(f"{path} is no idx file: it begins with {found[:4].hex()}, not {expected[:4].hex()}")
    if found[3] != expected[3]:
        raise ValueError(
            f"{path} has {found[3]} dimensions, not {expected[3]}: are images and labels swapped?"
        )
    shape = np.frombuffer(found[4:].ljust(len(expected) - 4, b"\0"), ">u4").tolist()
    raise ValueError(f"{path} has shape {shape}, not {[*file.shape]}: are train and test swapped?")


def _check_digest(path: Path, raw: bytes, file: IdxFile) -> None:
    digest = hashlib.md5(raw, usedforsecurity=False).hexdigest()
    if digest != file.md5:
        known = {
            f.md5: f"{name}'s {f.name}" for name, s in IDX.items() for split in s.values() for f in split
        }
        problem = f"is {known[digest]}" if digest in known else f"is altered: its md5 is {digest}"
        raise ValueError(f"{path} {problem}; expected {file.name} with md5 {file.md5}")
