"""Facility location on random points: `python benchmarks/facility_location.py [part …]`.

dense    n = 10,000, k = 500, with the similarity kept; apricot-select and submodlib-py do the same work,
         everybody on one thread
cores    the same, everybody on as many threads as there are cores
free     n = 100,000, k = 100, exact, the similarity made anew when asked for: seconds and memory
graph    n = 100,000, k = 1,000, on the graph of 32 nearest neighbours, its making included

The peers have an environment of their own, and are left out, with a line that says so, where they are
missing: python -m venv P && P/bin/pip install apricot-select submodlib-py jaxtyping
PYTHONPATH=. P/bin/python <this>

In `dense` and `cores` all take turns, several times, and the shortest time counts; apricot compiles anew at
every fit, so the time of a fit to 100 points is also taken off. Every selection is valued by the same float64
sum. Each part has a process of its own, and the others report its peak of memory.
"""

import os
import sys

if sys.argv[1:] == ["dense"]:
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[threads] = "1"

import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np

from lsml_core.submodular.functions import FacilityLocation
from lsml_core.submodular.greedy import Selection, greedy, lazy_greedy

D, REPEATS = 64, 3
Select = Callable[[np.ndarray, int], Sequence[int]]


def points(n: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, D)).astype(np.float32)


def ours(x: np.ndarray, k: int) -> Sequence[int]:
    return greedy(FacilityLocation.from_features(x), k).chosen


def floor(x: np.ndarray, _k: int) -> Sequence[int]:
    """What no exact method on a kept similarity can avoid: one product, and two and a half looks at it."""
    s = np.empty((len(x), len(x)), np.float32)
    for top in range(0, len(x), 256):
        np.matmul(x[top : top + 256], x.T, out=s[top : top + 256])
    for part in (s, s, s[: len(s) // 2]):
        part.sum(axis=0)
    return ()


def apricot(optimizer: str) -> Select:
    from apricot import FacilityLocationSelection  # pyright: ignore[reportMissingImports]

    def select(x: np.ndarray, k: int) -> Sequence[int]:
        return FacilityLocationSelection(k, metric="euclidean", optimizer=optimizer).fit(x).ranking

    return select


def submodlib(x: np.ndarray, k: int) -> Sequence[int]:
    from submodlib import FacilityLocationFunction  # pyright: ignore[reportMissingImports]

    s = -squared_distances(x, x)
    f = FacilityLocationFunction(n=len(x), mode="dense", sijs=s - s.min(), separate_rep=False)
    return [e for e, _ in f.maximize(budget=k, optimizer="LazyGreedy", show_progress=False)]


def peers() -> dict[str, Select]:
    found: dict[str, Select] = {}
    try:
        found |= {f"apricot {name}": apricot(name) for name in ("lazy", "two-stage")}
    except ImportError as missing:
        print(f"!! apricot-select is left out: {missing}")
    if find_spec("submodlib"):
        found["submodlib LazyGreedy"] = submodlib
    else:
        print("!! submodlib-py is left out: it is not installed")
    return found


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T


def value(x: np.ndarray, chosen: Sequence[int], farthest: float) -> float:
    """Σᵢ (farthest − squared distance to the nearest chosen)."""
    x = x.astype(float)
    return float((farthest - squared_distances(x, x[list(chosen)]).min(axis=1)).sum())


def seconds(select: Select, x: np.ndarray, k: int) -> tuple[float, float, Sequence[int]]:
    """CPU, wall, and the answer."""
    wall, cpu = time.perf_counter(), time.process_time()
    chosen = select(x, k)
    return time.process_time() - cpu, time.perf_counter() - wall, chosen


def dense(n: int = 10_000, k: int = 500) -> None:
    x = points(n)
    farthest = float(squared_distances(x, x).max())
    methods = {"ours": ours, "floor": floor} | peers()
    runs: dict[str, list] = {name: [] for name in methods}
    for _ in range(REPEATS):
        for name, select in methods.items():
            runs[name].append(seconds(select, x, k))
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    print(f"n={n} d={D} k={k}, {threads} of {os.cpu_count()} threads, shortest of {REPEATS}")
    print(f"{'':<22}{'CPU s':>8}{'wall s':>8}{'x ours':>8}{'no compiling':>14}{'value/ours':>14}")
    best = min(wall for _, wall, _ in runs["ours"])
    reference = value(x, runs["ours"][0][2], farthest)
    for name, select in methods.items():
        cpu, wall = (min(run[i] for run in runs[name]) for i in (0, 1))
        compiling = min(seconds(select, x[:100], 5)[1] for _ in range(2)) if "apricot" in name else 0.0
        chosen = runs[name][0][2]
        share = f"{value(x, chosen, farthest) / reference:.9f}" if len(chosen) else ""
        without = (wall - compiling) / best
        print(f"{name:<22}{cpu:>8.2f}{wall:>8.2f}{wall / best:>8.1f}{without:>14.1f}{share:>14}")


def free(n: int = 100_000, k: int = 100) -> None:
    """Lazily: a gain asked for is one column of S, and keeping all gains up to date would take more rows."""
    report("free ", points(n), k, lambda x: FacilityLocation.from_features(x), lazy_greedy)


def graph(n: int = 100_000, k: int = 1_000) -> None:
    report("graph", points(n), k, lambda x: FacilityLocation.from_features(x, neighbors=32), greedy)


def report(
    name: str,
    x: np.ndarray,
    k: int,
    make: Callable[[np.ndarray], FacilityLocation],
    maximiser: Callable[[FacilityLocation, int], Selection],
) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    f = make(x)
    made = time.process_time() - cpu
    selection = maximiser(f, k)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{name} n={len(x)} k={k}: CPU {cpu:.1f} s (F made in {made:.1f}), wall {wall:.1f} s,", end=" ")
    print(f"peak memory of the process {peak:.2f} GB, F(S) = {selection.value:.6g}", flush=True)


if __name__ == "__main__":
    PARTS = {"free": free, "graph": graph, "dense": dense, "cores": dense}
    if len(sys.argv) == 2:
        PARTS[sys.argv[1]]()
    else:
        for part in sys.argv[1:] or PARTS:
            subprocess.run([sys.executable, __file__, part], check=True)
