"""WRONG · set 11 · prune_in_rounds: rounded in steps"""
# %% answer
def prune_in_rounds(score, weights, density, rounds):
    kept = np.ones(sum(W.size for W in weights), bool)
    ends = np.cumsum([W.size for W in weights])[:-1]
    layers = lambda row: [p.reshape(W.shape) for p, W in zip(np.split(row, ends), weights)]
    for i in range(rounds):
        s = score(tuple(W * m for W, m in zip(weights, layers(kept))))
        row = np.where(kept, np.concatenate([a.ravel() for a in s]), -np.inf)
        left = round(density ** (1 / rounds) * kept.sum())
        kept = np.zeros(kept.size, bool)
        kept[np.argsort(-row, kind="stable")[:left]] = True
    return layers(kept)
