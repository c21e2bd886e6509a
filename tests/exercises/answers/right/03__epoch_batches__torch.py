import torch
def epoch_batches(n, batch, rng):
    g = torch.Generator().manual_seed(int(rng.integers(2**62)))
    return list(torch.randperm(n, generator=g).split(batch))
