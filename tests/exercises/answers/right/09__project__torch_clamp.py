"""RIGHT · set 09 · project: torch.clamp with tensors as bounds"""


# %% answer
def project(delta, x, epsilon):
    import torch

    image = torch.from_numpy(x)
    return torch.from_numpy(delta).clamp(
        (image - epsilon).clamp(min=0) - image, (image + epsilon).clamp(max=1) - image
    )
