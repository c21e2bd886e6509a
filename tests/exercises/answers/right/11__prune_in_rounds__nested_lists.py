"""RIGHT · set 11 · prune_in_rounds: places in a list, nested lists of bools"""
def prune_in_rounds(score, weights, density, rounds):
    N = sum(W.size for W in weights)
    left = list(range(N))
    def masks():
        row, cut = np.isin(np.arange(N), left), []
        for W in weights:
            cut.append(row[: W.size].reshape(W.shape))
            row = row[W.size :]
        return cut
    for i in range(rounds):
        scores = score(tuple(W * m for W, m in zip(weights, masks())))
        row = np.concatenate([np.ravel(s) for s in scores])
        left = sorted(sorted(left), key=lambda j: -row[j])[: round(density ** ((i + 1) / rounds) * N)]
    return [m.tolist() for m in masks()]
