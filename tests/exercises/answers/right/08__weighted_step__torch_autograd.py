"""RIGHT · set 08 · weighted_step: autograd of the weighted loss"""

# %% answer
import torch


def weighted_step(W, x, y, gamma, batch, eta):
    w = torch.tensor(W, requires_grad=True)
    each = torch.nn.functional.cross_entropy(
        torch.tensor(x[batch]) @ w, torch.tensor(y[batch]), reduction="none"
    )
    (torch.tensor(gamma[batch] / gamma.mean()) * each).mean().backward()
    return w - eta * w.grad
