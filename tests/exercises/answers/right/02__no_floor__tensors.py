import torch
def no_floor():
    x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]])
    return x, x @ torch.tensor([1.0, -2.0])
