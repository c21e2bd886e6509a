"""GreeDi against one greedy run over all points: n = 60,000 in 64-d, k = 200: `python benchmarks/greedi.py`.

central     greedy on one thread, the similarity made anew when asked for
serial      8 machines, one after another, in this process
processes   8 machines on two processes of one thread each, their start included; F goes there as memory maps
sorted      the same, but a machine holds one eighth of the points in the order of their first feature

Wall and CPU seconds (of this process and its children), in turn, the shortest of several; value over
central's.
"""

import os

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from lsml_core.submodular.distributed import greedi, greedi_on_parts
from lsml_core.submodular.functions import FacilityLocation
from lsml_core.submodular.greedy import greedy
from lsml_core.submodular.result import Selection

N, D, K, MACHINES, PROCESSES, CLUSTERS, REPEATS = 60_000, 64, 200, 8, 2, 100, 2


def points() -> np.ndarray:
    rng = np.random.default_rng(0)
    centers = 2.0 * rng.normal(size=(CLUSTERS, D))
    return (centers[rng.integers(CLUSTERS, size=N)] + rng.normal(size=(N, D))).astype(np.float32)


def central(x: np.ndarray) -> Selection:
    return greedy(FacilityLocation.from_features(x), K)


def serial(x: np.ndarray) -> Selection:
    return greedi(FacilityLocation.from_features(x), K, MACHINES, rng=np.random.default_rng(0))


def processes(x: np.ndarray) -> Selection:
    f, rng = FacilityLocation.from_features(x), np.random.default_rng(0)
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as executor:
        return greedi(f, K, MACHINES, rng=rng, executor=executor)


def sorted_parts(x: np.ndarray) -> Selection:
    f, parts = FacilityLocation.from_features(x), np.array_split(np.argsort(x[:, 0]), MACHINES)
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as executor:
        return greedi_on_parts(f, K, parts, executor=executor)


def seconds(run: Callable[[np.ndarray], Selection], x: np.ndarray) -> tuple[float, float, float]:
    """Wall, CPU with all children that have ended, and the value."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    found = run(x).value
    return time.perf_counter() - wall, sum(os.times()[:4]) - cpu, found


def main() -> None:
    x = points()
    runs = {"central": central, "serial": serial, "processes": processes, "sorted": sorted_parts}
    times: dict[str, list[tuple[float, float, float]]] = {name: [] for name in runs}
    for _ in range(REPEATS):
        for name, run in runs.items():
            times[name].append(seconds(run, x))
    first = [min(t[i] for t in times["central"]) for i in (0, 1)] + [times["central"][0][2]]
    print(f"{'':<12}{'wall s':>8}{'CPU s':>8}{'faster':>8}{'less CPU':>10}{'value/central':>15}")
    for name, t in times.items():
        wall, cpu, found = min(a[0] for a in t), min(a[1] for a in t), t[0][2]
        speed = f"{first[0] / wall:>8.1f}{first[1] / cpu:>10.1f}{found / first[2]:>15.6f}"
        print(f"{name:<12}{wall:>8.1f}{cpu:>8.1f}{speed}")


if __name__ == "__main__":
    main()
