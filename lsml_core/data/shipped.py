"""The arrays that come with the library: `shipped("fashion.npz")["train_x"]`."""

import hashlib
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.lib.npyio import NpzFile

FILES = Path(__file__).parent / "files"
SUMS = "SHA256SUMS"


@cache
def shipped(name: str) -> NpzFile:
    """One file of `files/`, its bytes compared with SHA256SUMS; read once a process, unpacked array by array.

    ValueError if the file is damaged.
    """
    raw = (FILES / name).read_bytes()
    found, promised = hashlib.sha256(raw).hexdigest(), _promised().get(name, "missing")
    if found != promised:
        raise ValueError(
            f"{FILES / name} is damaged: its sha256 is {found}, {SUMS} says {promised}. "
            "Restore both files from the repository or install lsml_core again."
        )
    return np.load(BytesIO(raw), allow_pickle=False)


def _promised() -> dict[str, str]:
    lines = (FILES / SUMS).read_text("ascii").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}
