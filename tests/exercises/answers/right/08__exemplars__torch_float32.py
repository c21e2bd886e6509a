"""RIGHT · set 08 · exemplars: torch in float32"""

# %% answer
import torch


def exemplars(gradients, members, k):
    g = torch.tensor(gradients[members], dtype=torch.float32)
    d = (g[:, None] - g[None]).norm(dim=2)
    s, best, chosen = d.max() - d, torch.zeros(len(g)), []
    for _ in range(k):
        gains = (s - best[:, None]).clamp(min=0).sum(0)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        best = torch.maximum(best, s[:, chosen[-1]])
    return torch.tensor(members)[chosen]
