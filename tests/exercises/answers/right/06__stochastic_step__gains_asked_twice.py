"""RIGHT · set 06 · stochastic_step: permutation, and each gain asked for twice"""
def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = np.setdiff1d(np.arange(n), chosen)
    sample = rng.permutation(rest)[: ceil(n / k * log(1 / epsilon))]
    best = max(gain(chosen, int(e)) for e in sample)
    return next(int(e) for e in sample if gain(chosen, int(e)) == best)
