"""RIGHT · set 08 · error_and_bound: torch, float64"""

# %% answer
import torch


def error_and_bound(gradients, y, chosen, weights):
    g, y, chosen, w = map(torch.as_tensor, (gradients, y, chosen, weights))
    d = torch.cdist(g, g[chosen], compute_mode="donot_use_mm_for_euclid_dist")
    d = torch.where(y[:, None] == y[chosen], d, torch.inf)
    return torch.linalg.norm(g.sum(0) - w @ g[chosen]), d.min(1).values.sum()
