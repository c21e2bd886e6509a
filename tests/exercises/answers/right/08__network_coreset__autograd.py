"""RIGHT · set 08 · network_coreset: gradients at the logits by autograd, float32"""

# %% answer
import numpy as np
import torch


def network_coreset(x, probabilities, y, k):
    z = torch.log(torch.tensor(probabilities, dtype=torch.float64).clamp(min=1e-300)).requires_grad_()
    torch.nn.functional.cross_entropy(z, torch.tensor(y), reduction="sum").backward()
    g = z.grad.numpy().astype(np.float32)
    ids, weights = [], []
    for c in sorted(set(y.tolist())):
        members = np.flatnonzero(y == c)
        own = np.array([int(j) for j in exemplars(g, members, k)])
        d = ((g[members][:, None] - g[own]) ** 2).sum(2)
        ids += own.tolist()
        weights += [int((d.argmin(1) == place).sum()) for place in range(k)]
    return ids, torch.tensor(weights)
