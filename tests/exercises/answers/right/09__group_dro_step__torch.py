def group_dro_step(q, losses, eta):
    import torch

    return torch.softmax(torch.log(torch.tensor(q)) + eta * torch.tensor(losses), dim=0)
