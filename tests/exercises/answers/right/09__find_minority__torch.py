"""RIGHT · set 09 · find_minority: torch, float64, split by midpoints"""


# %% answer
def find_minority(outputs, y):
    import torch

    p, labels, out = torch.tensor(outputs), torch.tensor(y), []
    for c in labels.unique():
        ids = torch.nonzero(labels == c).flatten()
        v = p[ids]
        levels = v.unique()
        masks = [v > (a + b) / 2 for a, b in zip(levels[:-1], levels[1:])]
        above = min(masks, key=lambda m: sum(float(((v[s] - v[s].mean()) ** 2).sum()) for s in (m, ~m)))
        out.append(ids[above if 2 * above.sum() < len(v) else ~above])
    return torch.cat(out).sort().values.double()
