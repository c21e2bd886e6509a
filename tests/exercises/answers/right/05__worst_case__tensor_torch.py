"""RIGHT · set 05 · worst_case: tensor torch"""
# %% answer
import torch


def worst_case(k):
    a = [(1 - 1 / k) ** i / k**2 for i in range(k)]
    rest = (1 - 1 / k) ** k / k
    rows, weights = [], []
    member = torch.zeros(2 * k, k * (k + 1))
    for j in range(k):
        for i in range(k + 1):
            item = j * (k + 1) + i
            weights.append(rest if i == k else a[i])
            member[k + j, item] = 1
            if i < k:
                member[i, item] = 1
    return member, torch.tensor(weights, dtype=torch.float64)
