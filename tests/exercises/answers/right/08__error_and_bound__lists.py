"""RIGHT · set 08 · error_and_bound: plain loops"""


# %% answer
def error_and_bound(gradients, y, chosen, weights):
    d = len(gradients[0])
    gap = [
        sum(g[a] for g in gradients) - sum(w * gradients[j][a] for w, j in zip(weights, chosen))
        for a in range(d)
    ]
    length = lambda v: sum(e * e for e in v) ** 0.5
    bound = sum(
        min(length(gradients[i] - gradients[j]) for j in chosen if y[i] == y[j]) for i in range(len(y))
    )
    return [length(gap), bound]
