import torch
def counterexample():
    return torch.tensor([2.0, 0.8, 0.9])
