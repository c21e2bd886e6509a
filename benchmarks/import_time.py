"""Import time of the rooms that promise to start at once, beside numpy and torch."""

import statistics
import subprocess
import sys
import time

ROOMS = ("lsml_core.optimization", "lsml_core.submodular", "lsml_core.data", "numpy", "torch")


def seconds(module: str) -> float:
    """A whole Python process that imports `module`, less one that imports nothing."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    empty = statistics.median(seconds("sys") for _ in range(7))
    for room in ROOMS:
        times = sorted(seconds(room) - empty for _ in range(7))
        print(f"{room:24} {statistics.median(times):.3f} s   ({times[0]:.3f} … {times[-1]:.3f})")
