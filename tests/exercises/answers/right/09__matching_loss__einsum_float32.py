"""RIGHT · set 09 · matching_loss: einsum of unit vectors in float32, a tensor with one entry"""


# %% answer
def matching_loss(gradients, target):
    import torch

    g, t = torch.tensor(gradients).float(), torch.tensor(target).float()
    total = torch.einsum("ij->j", g)
    return (1 - total / total.norm() @ (t / t.norm())).reshape(1)
