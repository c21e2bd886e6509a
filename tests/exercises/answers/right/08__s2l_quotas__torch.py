"""RIGHT · set 08 · s2l_quotas: torch"""

# %% answer
import torch


def s2l_quotas(sizes, budget):
    s = torch.tensor(sizes)
    out, left = torch.zeros_like(s), budget
    order = torch.sort(s, stable=True).indices
    for place, c in enumerate(order):
        out[c] = min(int(s[c]), left // (len(s) - place))
        left -= int(out[c])
    return out
