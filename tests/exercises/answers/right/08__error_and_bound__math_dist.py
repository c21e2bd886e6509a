"""RIGHT · set 08 · error_and_bound: math.dist and math.hypot"""

# %% answer
import math


def error_and_bound(gradients, y, chosen, weights):
    g, labels, ids = gradients.tolist(), y.tolist(), chosen.tolist()
    total = [math.fsum(column) for column in zip(*g)]
    coreset = [math.fsum(w * a for w, a in zip(weights, column)) for column in zip(*(g[j] for j in ids))]
    nearest = {}
    for j in ids:
        for i, row in enumerate(g):
            if labels[i] == labels[j]:
                nearest[i] = min(nearest.get(i, math.inf), math.dist(row, g[j]))
    return math.dist(total, coreset), math.fsum(nearest.values())
