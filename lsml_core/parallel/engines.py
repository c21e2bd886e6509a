"""Who does the work of P workers: one process, one after another, or P processes that add up over a network.

    P      workers                       p     one worker, 0 … P − 1
    part   function p -> array           total Σ_p part(p), the same on every worker

An algorithm is written once, for an `Engine`: it asks for the sum of what the workers find. On several
machines the same script runs P times, and each process computes its own part only:

    with gloo() as engine:
        run = synchronous_sgd(f, start, engine=engine, eta=0.1, batch=64, steps=100, rng=rng)

    torchrun --nproc-per-node 2 script.py   (on several machines also --nnodes and --rdzv-endpoint)

Every process must be given an `rng` of the same seed: that is how they agree on the examples of a step.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.validation import check_count

Part = Callable[[int], Float[ndarray, "*shape"]]


@runtime_checkable
class Engine(Protocol):
    @property
    def workers(self) -> int: ...
    def total(self, part: Part) -> Float[ndarray, "*shape"]: ...


@dataclass(frozen=True)
class Loop:
    """All workers in this process, one after another."""

    workers: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "workers", check_count("workers", self.workers))

    def total(self, part: Part) -> Float[ndarray, "*shape"]:
        return np.sum([part(p) for p in range(self.workers)], axis=0)


@dataclass(frozen=True)
class Gloo:
    """This process is worker `rank`; `total` is PyTorch's all-reduce, and waits for the slowest worker."""

    workers: int
    rank: int

    def total(self, part: Part) -> Float[ndarray, "*shape"]:
        import torch

        summed = torch.from_numpy(np.array(part(self.rank), dtype=float))
        torch.distributed.all_reduce(summed)
        return summed.numpy()


@contextmanager
def gloo() -> Iterator[Gloo]:
    """Join the other processes that `torchrun` has started, and leave them at the end."""
    from torch import distributed

    distributed.init_process_group("gloo")
    try:
        yield Gloo(distributed.get_world_size(), distributed.get_rank())
    finally:
        distributed.destroy_process_group()
