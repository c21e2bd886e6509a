"""RIGHT · set 09 · group_dro_step: torch in float32"""


# %% answer
def group_dro_step(q, losses, eta):
    import torch

    z = torch.tensor(q).log() + eta * torch.tensor(losses)
    return torch.nn.functional.softmax(z - z.max(), dim=-1).float()
