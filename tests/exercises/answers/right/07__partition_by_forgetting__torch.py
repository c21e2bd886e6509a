"""RIGHT · set 07 · partition_by_forgetting: torch tensors"""
import numpy as np
import torch


def partition_by_forgetting(correct, size, rng):
    c = torch.from_numpy(correct.copy())
    safe = c.any(0) & ~(c[:-1] & ~c[1:]).any(0)
    groups = torch.nonzero(~safe).flatten(), torch.nonzero(safe).flatten()
    return tuple(g[torch.from_numpy(rng.permutation(len(g)))][:size] for g in groups)
