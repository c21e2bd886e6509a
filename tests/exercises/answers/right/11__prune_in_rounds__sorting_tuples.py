"""RIGHT · set 11 · prune_in_rounds: sorting tuples"""
# %% answer
def prune_in_rounds(score, weights, density, rounds):
    alive = {(l, i) for l, W in enumerate(weights) for i in range(W.size)}
    N = len(alive)
    layer = lambda l, W: np.array([(l, i) in alive for i in range(W.size)]).reshape(W.shape)
    for i in range(1, rounds + 1):
        s = score(tuple(np.where(layer(l, W), W, 0.0) for l, W in enumerate(weights)))
        ranked = sorted(alive, key=lambda p: (-np.ravel(s[p[0]])[p[1]], p))
        alive = set(ranked[: round(density ** (i / rounds) * N)])
    return [layer(l, W) for l, W in enumerate(weights)]
