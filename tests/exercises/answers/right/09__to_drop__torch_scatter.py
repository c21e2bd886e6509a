"""RIGHT · set 09 · to_drop: torch.cdist by matrix products and scatter_add"""


# %% answer
def to_drop(gradients, y, medoids):
    import torch

    g, labels, m = map(torch.tensor, (gradients, y, medoids))
    d = torch.cdist(g, g[m]) + torch.where(labels[:, None] == labels[m], 0.0, torch.inf)
    size = torch.zeros(len(m)).scatter_add(0, d.argmin(1), torch.ones(len(g)))
    return m[size == 1].sort().values
