"""RIGHT · set 05 · greedy: sort key"""
# %% answer
def greedy(gain, n, k):
    S = []
    while len(S) < k:
        ranked = sorted((-gain(tuple(S), e), e) for e in set(range(n)).difference(S))
        S += [ranked[0][1]]
    return np.array(S, dtype=int)
