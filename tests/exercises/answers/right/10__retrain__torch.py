"""RIGHT · set 10 · retrain: torch tensors"""
# %% answer
import torch


def retrain(train, w_k, w_T, eta, k, way):
    sizes = torch.as_tensor(eta)[k:]
    if way == "fine-tuning":
        sizes = sizes[-1:].repeat(len(eta) - k)
    return torch.as_tensor(train(torch.as_tensor(w_k if way == "weight rewinding" else w_T), sizes))
