"""RIGHT · set 08 · cluster_weights: torch.cdist by matrix products, counts added up by index_add"""

# %% answer
import torch


def cluster_weights(gradients, y, chosen):
    g, labels, chosen = torch.tensor(gradients), torch.tensor(y), torch.tensor(chosen)
    d = torch.cdist(g, g[chosen]).masked_fill(labels[:, None] != labels[chosen], torch.inf)
    return torch.zeros(len(chosen)).index_add(0, d.argmin(1), torch.ones(len(g)))
