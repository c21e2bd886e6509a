"""RIGHT · set 08 · cluster_weights: torch.cdist with infinite distances between classes"""

# %% answer
import torch


def cluster_weights(gradients, y, chosen):
    g, labels, chosen = torch.tensor(gradients), torch.tensor(y), torch.tensor(chosen)
    d = ((g[:, None] - g[chosen][None]) ** 2).sum(dim=2)
    d[labels[:, None] != labels[chosen][None]] = float("inf")
    return torch.bincount(d.argmin(dim=1), minlength=len(chosen))
