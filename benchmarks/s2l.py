"""S2L at scale: `python benchmarks/s2l.py [part …]`, each part a process of its own, on one thread.

The data: loss trajectories of 20 checkpoints in float32, drawn around 50 curves that differ in speed, start
and end, with noise. The most frequent topic has 1,000 times as many examples as the rarest.

million    10⁶ trajectories, 50 clusters, 10 % kept: seconds of k-means on mini-batches and of the sampling,
           and peak memory. It stops with an error unless all chosen examples are different, unless every
           cluster gives as many as an equal level allows (found by bisection, not by the code that is
           measured), and unless the smallest clusters come first. Last, the share of the rarest ten topics
           that is kept, and that a random subset keeps
full       10⁵ trajectories: scikit-learn's KMeans, which looks at all examples in every step, against the
           mini-batches that `s2l` takes for so many: seconds, the sum of squared distances to the nearest
           mean, and how well either finds the topics (adjusted Rand index, 1 if exactly), for three seeds
"""

import os
import sys

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[threads] = "1"

import resource
import subprocess
import time
from collections.abc import Callable

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from lsml_core.selection.s2l import MANY, cluster_trajectories, from_clusters

CHECKPOINTS, TOPICS, RARE, BUDGET = 20, 50, 10, 0.1
SEEDS = 3


def trajectories(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Losses, (checkpoints, n), and the topic of every example."""
    share = np.geomspace(1, 1000, TOPICS)
    topic = rng.choice(TOPICS, size=n, p=share / share.sum())
    start, end = rng.uniform(2, 4, size=TOPICS), rng.uniform(0.2, 1.5, size=TOPICS)
    speed = rng.permutation(np.geomspace(0.05, 1.5, TOPICS))
    curves = end + (start - end) * np.exp(-np.outer(np.arange(CHECKPOINTS), speed))
    losses = curves.astype(np.float32)[:, topic]
    losses += 0.05 * rng.standard_normal(losses.shape, dtype=np.float32)
    return losses, topic


def timed(run: Callable[[], np.ndarray]) -> tuple[np.ndarray, str]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = run()
    return found, f"{time.process_time() - cpu:.2f} s of one core ({time.perf_counter() - wall:.2f} s wall)"


def levelled(sizes: np.ndarray, budget: int) -> tuple[np.ndarray, np.ndarray]:
    """Fewest and most examples of every cluster: min(size, level) for the largest level that `budget` pays,
    and one more where something is left over."""
    low, high = 0, budget
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(sizes, middle).sum() <= budget else (low, middle - 1)
    return np.minimum(sizes, low), np.minimum(sizes, low + 1)


def check(cluster: np.ndarray, chosen: np.ndarray, budget: int) -> None:
    """AssertionError unless the selection is what the module docstring says."""
    sizes, counts = (np.bincount(c, minlength=TOPICS) for c in (cluster, cluster[chosen]))
    least, most = levelled(sizes, budget)
    assert len(np.unique(chosen)) == len(chosen) == budget
    assert (least <= counts).all()
    assert (counts <= most).all()
    assert (np.diff(sizes[cluster[chosen]]) >= 0).all()
    print(
        f"checked: {budget:,} different examples, {(counts == sizes).sum()} clusters whole, "
        f"{counts[counts < sizes].min():,} to {counts[counts < sizes].max():,} of the others"
    )


def run_million(n: int = 10**6) -> None:
    rng = np.random.default_rng(0)
    cluster_trajectories(rng.random((CHECKPOINTS, 2 * MANY)), 2, rng=rng)  # imports
    losses, topic = trajectories(n, rng)
    budget = round(BUDGET * n)
    cluster, spent = timed(lambda: cluster_trajectories(losses, TOPICS, rng=rng))
    print(f"k-means on mini-batches, {n:,} × {CHECKPOINTS} {losses.dtype}, {TOPICS} clusters: {spent}")
    chosen, spent = timed(lambda: from_clusters(cluster, budget, rng=rng))
    print(f"sampling {budget:,}: {spent}")
    print(f"peak memory {peak():.2f} GB, of it the data {losses.nbytes / 1e9:.2f} GB")
    check(cluster, chosen, budget)
    random = rng.choice(n, budget, replace=False)
    rare = topic < RARE
    kept = [100 * np.count_nonzero(rare[some]) / np.count_nonzero(rare) for some in (chosen, random)]
    print(f"of the rarest {RARE} topics {kept[0]:.1f} % are kept, at random {kept[1]:.1f} %")


def run_full(n: int = 10**5) -> None:
    rng = np.random.default_rng(0)
    losses, topic = trajectories(n, rng)
    points = np.ascontiguousarray(losses.T)

    def full(seed: int) -> np.ndarray:
        return KMeans(TOPICS, n_init=1, random_state=seed).fit_predict(points)  # pyright: ignore[reportArgumentType]

    def batches(seed: int) -> np.ndarray:
        return cluster_trajectories(losses, TOPICS, rng=np.random.default_rng(seed))

    for seed in range(SEEDS):
        for name, way in (("mini-batches", batches), ("full data", full)):
            cluster, spent = timed(lambda way=way, seed=seed: way(seed))
            within = squared_distances(points, cluster)
            rand = adjusted_rand_score(topic, cluster)
            print(f"{name:<14}{spent}, squared distances {within:.0f}, Rand index {rand:.3f}", flush=True)


def squared_distances(points: np.ndarray, cluster: np.ndarray) -> float:
    """Between every point and the mean of its cluster, summed."""
    parts = [points[cluster == c].astype(float) for c in np.unique(cluster)]
    return float(sum(((part - part.mean(axis=0)) ** 2).sum() for part in parts))


def peak() -> float:
    """Of this process, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


PARTS = {"million": run_million, "full": run_full}

if __name__ == "__main__":
    if len(sys.argv) == 2:
        PARTS[sys.argv[1]]()
    else:
        for part in sys.argv[1:] or PARTS:
            subprocess.run([sys.executable, __file__, part], check=True)
