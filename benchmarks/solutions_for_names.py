"""Every reference solution for hundreds of student names: full marks, or the name and the message.

    python benchmarks/solutions_for_names.py [names] [set …]     300 names, all sets; two processes

Hidden inputs are drawn from the name: a solution that loses points for one name in a hundred is found here.
"""

import os
import sys
import time
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from helpers.exercise_sets import (
    NAMES,
    SOLUTIONS,
    outcomes,
    points,
    setup_of,
)

PROCESSES = 2


def lost(task: tuple[Path, str]) -> list[tuple[str, str, str, str]]:
    """(set, name, question, message) for each question that does not earn all its points."""
    path, student = task
    found = outcomes(path, setup_of(path, student))
    worth = points(path)
    return [(path.stem, student, q, text) for q, (earned, text, _) in found.items() if earned != worth[q]]


def main(words: list[str]) -> int:
    count = int(words[0]) if words else 300
    names = [*NAMES, *(f"student {i}" for i in range(count))][:count]
    paths = [p for p in SOLUTIONS if not words[1:] or p.stem.startswith(tuple(words[1:]))]
    began, failures = time.perf_counter(), []
    with Pool(PROCESSES) as pool:
        for found in pool.imap_unordered(lost, [(p, name) for p in paths for name in names], chunksize=10):
            failures += found
    for stem, student, question, text in failures:
        print(f"{stem} {question} {student!r}: {text[:300]}")
    seconds = time.perf_counter() - began
    print(f"{count} names × {len(paths)} sets: {len(failures)} answers lose points ({seconds:.0f} s)")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
