"""RIGHT · set 03 · synchronous_step: torch"""
# %% answer
import torch


def synchronous_step(w, shares, eta):
    v = torch.tensor(w, requires_grad=True)
    parts = [(torch.tensor(x) @ v - torch.tensor(y)) for x, y in shares]
    errors = torch.cat(parts)
    (errors.square().sum() / 2 / len(errors)).backward()
    return (v - eta * v.grad).detach()
