def project(delta, x, epsilon):
    import torch

    d, image = torch.tensor(delta, dtype=torch.float32), torch.tensor(x, dtype=torch.float32)
    return torch.minimum(torch.maximum(d, torch.maximum(-image, torch.tensor(-epsilon))), torch.minimum(1 - image, torch.tensor(epsilon)))
