"""The binary version of CIFAR-10: `read_cifar10(source, "train") -> x uint8 (n, 3, 32, 32), y uint8 (n,)`.

A batch is 10,000 records of one label byte and 3 × 32 × 32 bytes: red, green, blue, row by row.
"""

import hashlib
import tarfile
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

ARCHIVE = "cifar-10-binary.tar.gz"
ARCHIVE_MD5 = "c32a1d4ab5d03f1284b67883e8d87530"  # no checksums of the batches alone are published
BATCHES = {"train": [f"data_batch_{i}.bin" for i in range(1, 6)], "test": ["test_batch.bin"]}
RECORDS = 10_000
CLASSES = 10
_IMAGE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32


def read_cifar10(source: Path, split: str) -> tuple[UInt8[np.ndarray, "n 3 32 32"], UInt8[np.ndarray, " n"]]:
    """Images and labels of a split, from the packed archive or from the folder it unpacks to.

    source: the archive, or the folder it unpacks to.   split: "train" or "test".
    The archive is checked by its md5; a folder by its files' sizes and by a fact of this set: either
    split holds every class equally often. ValueError or FileNotFoundError names the file that is wrong.
    """
    batches = BATCHES[split]
    read = _from_archive(source, batches) if source.is_file() else _from_folder(source, batches)
    records = np.concatenate([_records(f"{source / b}", read[b]) for b in batches])
    x, y = records[:, 1:].reshape(-1, *_IMAGE), records[:, 0]
    counts = np.bincount(y).tolist()
    if counts != [len(y) // CLASSES] * CLASSES:
        raise ValueError(
            f"{source}: the labels 0, 1, … occur {counts} times in {' '.join(batches)}, not all "
            f"{len(y) // CLASSES} times: a file is swapped, doubled or damaged; unpack {ARCHIVE} again"
        )
    return x, y


def _from_folder(folder: Path, batches: list[str]) -> dict[str, bytes]:
    for path in (folder / b for b in batches):
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing: unpack {ARCHIVE} again")
    return {b: _at_most_one_batch(folder / b) for b in batches}


def _at_most_one_batch(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(RECORDS * _RECORD + 1)


def _from_archive(archive: Path, batches: list[str]) -> dict[str, bytes]:
    with archive.open("rb") as file:
        md5 = hashlib.file_digest(file, "md5").hexdigest()
    if md5 != ARCHIVE_MD5:
        raise ValueError(f"{archive} has md5 {md5}, not {ARCHIVE_MD5}: get the binary version again")
    with tarfile.open(archive, "r|gz") as tar:  # one pass: seeking back would unpack everything twice
        members = ((Path(m.name).name, tar.extractfile(m)) for m in tar)
        return {name: file.read() for name, file in members if file and name in batches}


def _records(where: str, raw: bytes) -> UInt8[np.ndarray, "n 3073"]:
    if len(raw) != RECORDS * _RECORD:
        problem = f"is cut off after {len(raw)}" if len(raw) < RECORDS * _RECORD else "is longer than its"
        raise ValueError(f"{where} {problem} of {RECORDS * _RECORD} bytes: unpack {ARCHIVE} again")
    return np.frombuffer(raw, np.uint8).reshape(RECORDS, _RECORD)
