"""RIGHT · set 07 · last_layer_norms: torch, float32, a column of ones behind h"""
import torch


def last_layer_norms(probabilities, h, y):
    p, x = torch.tensor(probabilities, dtype=torch.float32), torch.tensor(h, dtype=torch.float32)
    delta = p.clone()
    delta[torch.arange(len(p)), torch.tensor(y)] -= 1
    x = torch.cat([x, torch.ones(len(x), 1)], dim=1)
    return delta.norm(dim=1) * x.norm(dim=1)
