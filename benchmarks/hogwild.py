"""Lock-free SGD on this machine: `python benchmarks/hogwild.py`, best with nothing else running.

serial    one thread against scikit-learn's SGDClassifier on the same sparse data, both in CPU time, so that
          other work on the machine does not count; its epochs are timed less the first, which sets up
threads   one and two threads without a lock, then every lock, taking turns; each round a ratio of its own.
          Rounds in which a thread was off its core for more than a tenth of the time are left out
lost      updates that never arrived, of all that were sent, on sparse data and on a few hot weights
lines     nanoseconds for an atomic addition by two threads, by the distance of their counters
speedup   the two workloads of lecture 03, all cores over one thread, ten runs: how many reach 1.5 times. To
store the
          result for the lecture, run `python -m courseware.studies.hogwild_speedup` on a quiet machine

Medians (smallest … largest) of ROUNDS. A word on the command line runs that part only.
"""

import os
import sys
import time
import warnings
from itertools import islice
from typing import Any

import numpy as np
from sklearn.linear_model import SGDClassifier

from courseware.studies import hogwild_speedup
from courseware.studies.thread_speed import (
    MIN_CORE_SHARE,
    Setting,
    Speed,
    benchmark,
    count_updates,
    false_sharing,
)
from lsml_core.data import bag_of_words
from lsml_core.data.sparse import zipf_examples
from lsml_core.parallel.hogwild import LOCKS, train
from lsml_core.parallel.linear import CSR
from lsml_core.parallel.threads import cores

ROUNDS, ETA = 7, 0.5
UPDATES = 500_000  # in a timed run of one thread
TRIES = 20  # times ROUNDS, at most, to find that many undisturbed rounds
SHORT = 25_000  # examples in a round: the shorter, the better the chance that nobody interrupts it


def data(n: int = 100_000) -> dict[str, tuple[CSR, np.ndarray]]:
    rng = np.random.default_rng(0)
    words = bag_of_words(max_document_frequency=0.05)
    rare = zipf_examples(n, 47_236, 74.5, exponent=0.5, max_frequency=0.15, rng=rng)
    wide = zipf_examples(n, 1_000_000, 30.0, exponent=0.5, max_frequency=0.15, rng=rng)
    text = zipf_examples(n, 47_236, 74.5, exponent=1.0, max_frequency=0.98, rng=rng)
    return {
        "State of the Union, words in ≤ 5 %": (words.x, words.y),
        "Zipf 0.5, no word in > 15 %": (rare.x, rare.y),
        "Zipf 0.5, a million words": (wide.x, wide.y),
        "Zipf 1.0, with stop words": (text.x, text.y),
    }


def summary(values: np.ndarray, digits: int = 2) -> str:
    if not len(values):
        return "no undisturbed round"
    low, high = min(values), max(values)
    return f"{np.median(values):.{digits}f} ({low:.{digits}f} … {high:.{digits}f})"


def machine() -> str:
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return f"{cores()} cores, load {load}"


def our_rate(x: CSR, y: np.ndarray) -> float:
    run = train(x, y, threads=1, epochs=UPDATES // len(y), eta=ETA, rng=np.random.default_rng(0))
    return run.updates / float((run.seconds * run.core_share).sum())


def peer_rate(x: CSR, y: np.ndarray) -> float:
    def seconds(epochs: int) -> float:
        options: dict[str, Any] = {"penalty": None, "learning_rate": "constant", "eta0": ETA, "tol": None}
        model = SGDClassifier(
            loss="log_loss", max_iter=epochs, random_state=0, fit_intercept=False, **options
        )
        begin = time.thread_time()
        model.fit(x, y)
        return time.thread_time() - begin

    epochs = UPDATES // len(y)
    return epochs * len(y) / (seconds(1 + epochs) - seconds(1))


def serial() -> None:
    print(f"one thread, million updates a CPU second; {machine()}")
    print(f"{'':<36}{'ours':>22}{'SGDClassifier':>22}{'ratio':>22}")
    for name, (x, y) in data().items():
        rates = np.array([[our_rate(x, y), peer_rate(x, y)] for _ in range(ROUNDS)])
        columns = [*(rates / 1e6).T, rates[:, 0] / rates[:, 1]]
        print(f"{name:<36}" + "".join(f"{summary(column):>22}" for column in columns), flush=True)


def threads() -> None:
    settings = [Setting(P, lock) for lock in LOCKS for P in (1, 2)]
    for name, (x, y) in data(SHORT).items():
        repeats = -(-SHORT // len(y))
        x, y = x[np.tile(np.arange(len(y)), repeats)], np.tile(y, repeats)
        print(f"\n{name}: {len(y):,} examples of {x.nnz / len(y):.0f} entries; {machine()}")
        speeds = benchmark(x, y, settings, rounds=ROUNDS, eta=ETA, rng=np.random.default_rng(0))
        base = Setting(1)
        for _ in range(TRIES - 1):
            if min(len(speeds[c].over(speeds[base])) for c in settings) >= ROUNDS:
                break
            more = benchmark(x, y, settings, rounds=ROUNDS, eta=ETA, rng=np.random.default_rng(0))
            speeds = {c: Speed(*np.hstack([speeds[c], more[c]])) for c in settings}
        print(f"{'lock':<14}{'threads':>8}{'over one thread, no lock':>28}{'undisturbed rounds':>13}")
        for c in settings:
            gain = speeds[c].over(speeds[base])
            print(f"{c.lock!s:<14}{c.threads:>8}{summary(gain):>28}{len(gain):>6} of {len(speeds[c].rate)}")


def lost() -> None:
    rng = np.random.default_rng(0)
    print(f"\nupdates lost by 2 threads, percent, in undisturbed rounds; {machine()}")
    print(f"{'':<36}{'no lock':>30}{'rounds':>8}{'atomic':>30}{'rounds':>8}")
    hot = {
        f"4 weights of {d}": zipf_examples(100_000, d, 4, exponent=0, max_frequency=0.5, rng=rng).x
        for d in (16, 256, 4_096, 65_536)
    }
    for name, x in (hot | {name: x for name, (x, _) in data().items()}).items():
        line = f"{name:<36}"
        for lock in (None, "atomic"):
            tries = (count_updates(x, threads=2, epochs=1, lock=lock, rng=rng) for _ in range(TRIES * ROUNDS))
            shares = [
                100 * t.lost for t in islice((t for t in tries if t.core_share[0] >= MIN_CORE_SHARE), ROUNDS)
            ]
            line += f"{summary(np.array(shares), 4):>30}{len(shares):>8}"
        print(line, flush=True)


def lines() -> None:
    found = false_sharing(rounds=ROUNDS)
    undisturbed = found.undisturbed
    print(
        f"\nnanoseconds an atomic addition, {undisturbed.sum()} undisturbed rounds of {ROUNDS}; {machine()}"
    )
    print(f"{'alone':<16}{summary(found.alone[undisturbed], 1)}")
    for distance, times in zip(found.distance, found.two_threads.T, strict=True):
        print(f"{distance:>4} bytes apart{summary(times[undisturbed], 1):>24}")


def speedup() -> None:
    print(f"\nspeed-up of {cores()} threads over one, {hogwild_speedup.RUNS} runs; {machine()}")
    for name, work in hogwild_speedup.workloads().items():
        settings = [Setting(cores(), lock) for lock in LOCKS]
        for setting, one in hogwild_speedup.measure(work, settings).items():
            runs = one.speedup[np.isfinite(one.speedup)]
            count, least = int((runs >= hogwild_speedup.ENOUGH).sum()), hogwild_speedup.ENOUGH
            enough = f"{count} of {len(one.speedup)} reach {least}"
            print(f"{name:<20}{setting.lock!s:<14}{summary(runs):>28}   {enough}", flush=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore", module="sklearn")
    parts = {"serial": serial, "threads": threads, "lost": lost, "lines": lines, "speedup": speedup}
    for part in sys.argv[1:] or parts:
        parts[part]()
