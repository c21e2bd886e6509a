"""RIGHT · set 11 · train_ticket_elsewhere: torch"""
# %% answer
import torch


def train_ticket_elsewhere(source, target, w0, fresh, density):
    after = torch.as_tensor(source(w0, np.ones(len(w0))))
    mask = torch.zeros(len(w0), dtype=torch.bool)
    mask[after.abs().topk(round(density * len(w0))).indices] = True
    return tuple(torch.as_tensor(target(w, mask.numpy())) for w in (w0, fresh))
