def central_examples(gradients, y, k):
    import torch

    g, labels = torch.tensor(gradients), torch.tensor(y)
    out = []
    for c in labels.unique():
        idx = (labels == c).nonzero().ravel()
        costs = torch.cdist(g[idx], g[idx], compute_mode="donot_use_mm_for_euclid_dist").sum(1)
        out.append(idx[costs.argsort()[:k]])
    return torch.cat(out).sort().values
