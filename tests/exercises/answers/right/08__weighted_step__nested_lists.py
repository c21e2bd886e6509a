"""RIGHT · set 08 · weighted_step: nested lists and math.exp"""

# %% answer
import math


def weighted_step(W, x, y, gamma, batch, eta):
    new, mean = W.tolist(), sum(gamma) / len(gamma)
    for i in batch.tolist():
        z = [sum(a * w for a, w in zip(x[i], column)) for column in zip(*W.tolist())]
        e = [math.exp(v - max(z)) for v in z]
        for c in range(len(z)):
            error = e[c] / sum(e) - (c == y[i])
            for a in range(len(new)):
                new[a][c] -= eta / len(batch) * float(gamma[i] / mean * x[i][a] * error)
    return new
