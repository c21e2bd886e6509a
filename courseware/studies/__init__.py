"""Studies: experiments that take longer than a page may, and their stored results, `results/<study>.npz`.

    stored    the results of a study, as demos and pages read them        store    writes them

`python -m courseware.studies.difficulty` runs that study again and stores its results; so do the others, but
for `submodular_scaling`, whose costs `benchmarks/submodular_scaling.py` measures. The tests in
`tests/courseware/studies` compare stored results with what the study computes today.
"""

import io
from functools import cache
from pathlib import Path

import numpy as np
from numpy import ndarray

from courseware import atomic

FOLDER = Path(__file__).parent / "results"


@cache
def stored(topic: str, part: str = "") -> dict[str, ndarray]:
    """Name -> array, as the topic's script has written them; of a part, what follows its dot.

    topic: name of the file without its ending.   part: what the arrays' names begin with, up to the dot;
        empty for all arrays.
    FileNotFoundError for a topic without a file.
    """
    if part:
        own = (name for name in stored(topic) if name.startswith(f"{part}."))
        return {name.removeprefix(f"{part}."): stored(topic)[name] for name in own}
    with np.load(FOLDER / f"{topic}.npz", allow_pickle=False) as file:
        return dict(file)


def store(topic: str, arrays: dict[str, ndarray]) -> Path:
    """Write them in one go: a run that breaks off leaves the old file as it was.

    topic: name of the file without its ending.   arrays: name -> array.   Returns the file's place.
    """
    path, file = FOLDER / f"{topic}.npz", io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    atomic.write(path, file.getvalue())
    return path
