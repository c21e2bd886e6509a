"""RIGHT · set 05 · greedy: torch argmax"""
# %% answer
import torch


def greedy(gain, n, k):
    S = []
    for _ in range(k):
        g = torch.tensor([-1.0 if e in S else float(gain(S, e)) for e in range(n)])
        S.append(int((g == g.max()).nonzero()[0, 0]))
    return torch.tensor(S)
