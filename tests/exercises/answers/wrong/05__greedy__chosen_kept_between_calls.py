"""WRONG · set 05 · greedy: chosen kept between calls"""
# %% answer
CHOSEN = []


def greedy(gain, n, k):
    while len(CHOSEN) < k:
        CHOSEN.append(max((e for e in range(n) if e not in CHOSEN), key=lambda e: gain(CHOSEN, e)))
    return CHOSEN[:k]
