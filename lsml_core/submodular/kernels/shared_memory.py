"""A pickle whose large arrays stay in files, so that all processes of a machine share one copy of them.

    parcel   bytes, small enough to send with every task        folder   holds the arrays as .npy files

The folder must outlive the parcel, and on a cluster every machine must see it.
"""

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np

LARGE = 2**16
"""Arrays of at least this many bytes go into a file."""


def packed(value: Any, folder: Path) -> bytes:
    """The parcel of `value`. An array that it holds twice is written once."""
    file = io.BytesIO()
    _Packer(file, folder).dump(value)
    return file.getvalue()


def unpacked(parcel: bytes) -> Any:
    """The value again. Its large arrays are read-only memory maps, loaded where they are read."""
    return pickle.loads(parcel)


class _Packer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, folder: Path) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self.folder, self.files = folder, 0

    def reducer_override(self, obj: Any) -> Any:
        if type(obj) is not np.ndarray or obj.nbytes < LARGE or obj.dtype.hasobject:
            return NotImplemented
        path = self.folder / f"{self.files}.npy"
        self.files += 1
        np.save(path, obj)
        return np.load, (path, "r")
