def to_drop(gradients, y, medoids):
    import torch

    g, labels, m = (torch.as_tensor(np.array(a)) for a in (gradients, y, medoids))
    d = (g[:, None] - g[m][None]).norm(dim=-1)
    d[labels[:, None] != labels[m][None]] = float("inf")
    sizes = torch.bincount(d.argmin(1), minlength=len(m))
    return m[sizes == 1].sort().values
