import torch


def private_round(w, models, clip, noise, sampling, clients):
    updates = torch.as_tensor(models) - torch.as_tensor(w)
    norm = updates.norm(dim=1).clamp(min=1e-12)
    factor = (clip / norm).clamp(max=1)
    return torch.as_tensor(w) + (factor @ updates + torch.as_tensor(noise)) / (sampling * clients)
