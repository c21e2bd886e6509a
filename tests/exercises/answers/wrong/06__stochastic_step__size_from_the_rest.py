"""WRONG · set 06 · stochastic_step: size from the rest"""
# %% answer
def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = [e for e in range(n) if e not in chosen]
    size = min(ceil(len(rest) / k * log(1 / epsilon)), len(rest))
    sample = rng.choice(rest, size, replace=False).tolist()
    return max(sample, key=lambda e: gain(chosen, e))
