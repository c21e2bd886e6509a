"""RIGHT · set 10 · keep_top: torch sort"""
# %% answer
import torch


def keep_top(scores, density):
    s = torch.as_tensor(np.ascontiguousarray(scores)).flatten()
    order = torch.sort(s, descending=True, stable=True).indices
    mask = torch.zeros_like(s, dtype=torch.bool)
    mask[order[: round(density * len(s))]] = True
    return mask.view(*np.shape(scores))
