"""WRONG · set 06 · stochastic_step: one of three seeds"""
# %% answer
def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = [e for e in range(n) if e not in chosen]
    size = min(ceil(n / k * log(1 / epsilon)), len(rest))
    own = np.random.default_rng(rng.integers(3))
    sample = own.choice(rest, size, replace=False).tolist()
    return max(sample, key=lambda e: gain(chosen, e))
