"""Scores and masks on a ResNet-18 of 11 million weights, one thread: `python benchmarks/pruning.py [part …]`.

mask      |θ| and one global mask of density 0.1 against torch.nn.utils.prune.global_unstructured, and
          whether both keep the same weights
synflow   one iteration, which scores, cuts to half of the survivors and applies the mask, against one
          forward and backward pass of the plain network for the same single image; and in float64

CPU milliseconds, in turn, the shortest of several: other work on the machine can only add to them.
"""

import os

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import copy
import sys
import time
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.utils import prune as torch_prune

from lsml_core.pruning.masks import Mask, apply_, keep_top
from lsml_core.pruning.scores import magnitude, prunable, synflow
from lsml_core.pruning.weights import Weighted

REPEATS, DENSITY, IMAGE = 5, 0.1, (3, 32, 32)


class Block(nn.Module):
    """Two 3×3 convolutions beside a shortcut.  He, Zhang, Ren & Sun (CVPR 2016)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Sequential()
        if stride > 1 or inputs != outputs:
            conv = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.shortcut = nn.Sequential(conv, nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return (self.body(x) + self.shortcut(x)).relu()


def resnet18() -> nn.Module:
    """For images of 32 × 32."""
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    widths = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)]
    for inputs, outputs, stride in widths:
        layers += [Block(inputs, outputs, stride), Block(outputs, outputs, 1)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 100))


def milliseconds(*runs: Callable[[], object]) -> list[float]:
    """Of each, its shortest time."""
    times = []
    for _ in range(REPEATS):
        for run in runs:
            begin = time.process_time()
            run()
            times.append(1e3 * (time.process_time() - begin))
    return [min(times[i :: len(runs)]) for i in range(len(runs))]


def torch_mask(model: nn.Module, cut: int) -> Mask:
    """torch renames the weights it prunes, so each call takes a copy, which is made outside the clock."""
    layers = {f"{name}.weight": m for name, m in model.named_modules() if isinstance(m, Weighted)}
    torch_prune.global_unstructured(
        [(layer, "weight") for layer in layers.values()], torch_prune.L1Unstructured, amount=cut
    )
    return {name: layer.get_buffer("weight_mask").bool() for name, layer in layers.items()}


def mask() -> None:
    model = resnet18()
    N = sum(w.numel() for w in prunable(model).values())
    copies = iter([copy.deepcopy(model) for _ in range(REPEATS + 1)])
    cut = N - round(DENSITY * N)
    ours, theirs = milliseconds(
        lambda: keep_top(magnitude(model), DENSITY), lambda: torch_mask(next(copies), cut)
    )
    print(f"score and global mask, {N:,} weights: {ours:.0f} ms, torch {theirs:.0f} ms, {theirs / ours:.1f}x")
    a, b = keep_top(magnitude(model), DENSITY), torch_mask(next(copies), cut)
    differ = sum(int((a[name] != b[name]).sum()) for name in a)
    border = min(magnitude(model)[n][m].min() for n, m in a.items() if m.any())
    ties = sum(int((s == border).sum()) for s in magnitude(model).values())
    print(f"both keep {round(DENSITY * N):,}; they differ in {differ} weights, {ties} score as the border")


def synflow_iteration() -> None:
    for dtype in (torch.float32, torch.float64):
        model = resnet18()
        half = keep_top(synflow(model, IMAGE, dtype), 0.5)
        apply_(model, half)
        plain, x = copy.deepcopy(model).to(dtype).eval(), torch.ones(1, *IMAGE, dtype=dtype)
        runs = (
            partial(passes, plain, x),
            partial(iteration, model, half, dtype),
            partial(synflow, model, IMAGE, dtype),
        )
        alone, whole, scores = milliseconds(*runs)
        print(f"{dtype}: forward and backward {alone:.0f} ms; SynFlow iteration {whole:.0f} ms,", end=" ")
        print(f"{whole / alone:.2f}x, of which the scores {scores:.0f} ms")


def passes(model: nn.Module, x: Tensor) -> None:
    model.zero_grad()
    model(x).sum().backward()


def iteration(model: nn.Module, within: Mask, dtype: torch.dtype) -> None:
    apply_(model, keep_top(synflow(model, IMAGE, dtype), 0.25, within=within))


if __name__ == "__main__":
    for part in sys.argv[1:] or ("mask", "synflow"):
        {"mask": mask, "synflow": synflow_iteration}[part]()
    print(f"load {os.getloadavg()[0]:.1f}")
