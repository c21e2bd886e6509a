"""How the parts of P workers are added up: all in one process, or in P processes by an all-reduce.

    P      number of workers             p     one worker, 0 … P − 1
    part   function p -> array           sum   Σ_p part(p), the same on every worker

An algorithm is written once, for an `AllReduceEngine`: it asks for the sum of what the workers compute. On
several machines the same script runs P times, and each process computes its own part only:

    with gloo() as engine:
        run = synchronous_sgd(f, start, engine=engine, eta=0.1, batch=64, steps=100, rng=rng)

    torchrun --nproc-per-node 2 script.py   (on several machines also --nnodes and --rdzv-endpoint)

Every process needs an `rng` of the same seed, so that all agree on the examples of a step.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.validation import check_count

Part = Callable[[int], Float[ndarray, "*shape"]]


@dataclass(frozen=True)
class AllReduceEngine:
    """Adds up the parts of `workers` workers."""

    workers: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "workers", check_count("workers", self.workers))

    def sum_of_parts(self, part: Part) -> Float[ndarray, "*shape"]:
        """Σ_p part(p), available on every worker. part: function from a worker 0 … P − 1 to its array."""
        raise NotImplementedError


@dataclass(frozen=True)
class SerialAllReduce(AllReduceEngine):
    """All workers in this process, one after another."""

    def sum_of_parts(self, part: Part) -> Float[ndarray, "*shape"]:
        return np.sum([part(p) for p in range(self.workers)], axis=0)


@dataclass(frozen=True)
class GlooAllReduce(AllReduceEngine):
    """This process is worker `rank`; the sum is PyTorch's all-reduce, which waits for the slowest worker."""

    rank: int

    def sum_of_parts(self, part: Part) -> Float[ndarray, "*shape"]:
        import torch  # lazy import: torch is needed only between processes

        summed = torch.from_numpy(np.array(part(self.rank), dtype=float))
        torch.distributed.all_reduce(summed)
        return summed.numpy()


@contextmanager
def gloo() -> Iterator[GlooAllReduce]:
    """Join the other processes that `torchrun` has started, and leave them at the end."""
    from torch import distributed

    distributed.init_process_group("gloo")
    try:
        yield GlooAllReduce(distributed.get_world_size(), distributed.get_rank())
    finally:
        distributed.destroy_process_group()
