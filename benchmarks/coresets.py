"""Coresets at scale: `python benchmarks/coresets.py [craig|s2l]`, each part a process of its own.

craig    10 % of 60,000 examples in ten classes, by their last-layer gradients (ten numbers each, drawn from
         clusters): seconds and peak memory of `craig`, and of the selection loop of DeepCore and apricot on
         the same distances of one class, ten times that. The packages themselves are not used: DeepCore is a
         set of scripts, and apricot has its own benchmark (`facility_location.py`). The loops are written
         here as plain numpy: `naive` computes all gains in every round; `lazy` recomputes the gain of the
         largest upper bound until it stays the largest.
s2l      10⁶ trajectories of ten checkpoints, 100 clusters, 10 % kept: seconds of `s2l`, whose k-means sees
         mini-batches.

`craig` keeps 4·n_c² bytes for one class at a time: 144 MB for 6,000 examples, where all pairs of 60,000 would
take 14.4 GB.
"""

import os
import sys

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import resource
import time

import numpy as np
from scipy.spatial.distance import cdist

from lsml_core.selection.craig import craig
from lsml_core.selection.s2l import s2l

N, CLASSES, FRACTION = 60_000, 10, 0.1


def last_layer_gradients(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """p − y of examples that a network is more or less sure about."""
    y = np.repeat(np.arange(CLASSES), N // CLASSES)
    logits = 2 * rng.normal(size=(N, CLASSES)) * rng.uniform(0.1, 2, size=(N, 1))
    logits[np.arange(N), y] += 3
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True) - np.eye(CLASSES)[y], y


def naive(similarity: np.ndarray, k: int) -> list[int]:
    """All gains in every round."""
    best, chosen = np.zeros(len(similarity), similarity.dtype), []
    for _ in range(k):
        gains = np.maximum(similarity - best[:, None], 0).sum(axis=0)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        best = np.maximum(best, similarity[:, chosen[-1]])
    return chosen


def lazy(similarity: np.ndarray, k: int) -> list[int]:
    """The gain of the largest upper bound, until it stays the largest."""
    best, chosen = np.zeros(len(similarity), similarity.dtype), []
    bounds = similarity.sum(axis=0)
    while len(chosen) < k:
        e, last = int(bounds.argmax()), -1
        while e != last:
            bounds[e] = np.maximum(similarity[:, e] - best, 0).sum()
            e, last = int(bounds.argmax()), e
        chosen.append(e)
        bounds[e] = -1
        best = np.maximum(best, similarity[:, e])
    return chosen


def run_craig() -> None:
    g, y = last_layer_gradients(np.random.default_rng(0))
    craig(g[:: N // 200], y[:: N // 200], FRACTION)  # compiles
    began = time.process_time()
    coreset = craig(g, y, FRACTION)
    ours = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"craig: {len(coreset)} of {N:,} in {ours:.1f} s of one core, peak {peak:.2f} GB", flush=True)
    own = g[y == 0]
    began = time.process_time()
    distances = cdist(own, own).astype(np.float32)
    similarity = distances.max() - distances
    building = time.process_time() - began
    for name, select, rounds in (("lazy", lazy, 600), ("naive", naive, 30)):
        began = time.process_time()
        select(similarity, rounds)
        seconds = CLASSES * ((time.process_time() - began) * 600 / rounds + building)
        print(
            f"{name}: {seconds:.1f} s ({rounds} of 600 rounds of one class), {seconds / ours:.1f} times ours"
        )


def run_s2l() -> None:
    rng = np.random.default_rng(0)
    speed, level = rng.gamma(2.0, 0.3, size=10**6), rng.uniform(1, 4, size=10**6)
    trajectories = level * np.exp(-np.outer(np.arange(10), speed)) + 0.05 * rng.random((10, 10**6))
    began = time.process_time()
    chosen = s2l(trajectories, 10**5, 100, rng=rng)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    seconds = time.process_time() - began
    print(f"s2l: {len(chosen):,} of 1,000,000 in {seconds:.1f} s of one core, peak {peak:.2f} GB")


if __name__ == "__main__":
    for part in sys.argv[1:] or ["craig", "s2l"]:
        {"craig": run_craig, "s2l": run_s2l}[part]()
