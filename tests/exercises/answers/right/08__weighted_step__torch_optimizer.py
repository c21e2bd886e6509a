"""RIGHT · set 08 · weighted_step: torch.optim.SGD on a float32 parameter"""

# %% answer
import torch


def weighted_step(W, x, y, gamma, batch, eta):
    w = torch.nn.Parameter(torch.tensor(W).float())
    optimizer = torch.optim.SGD([w], lr=eta)
    loss = torch.nn.CrossEntropyLoss(reduction="none")(
        torch.tensor(x[batch]).float() @ w, torch.tensor(y[batch])
    )
    (loss @ torch.tensor(gamma[batch] / gamma.mean()).float() / len(batch)).backward()
    optimizer.step()
    return w.data
