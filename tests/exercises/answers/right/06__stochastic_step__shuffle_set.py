"""RIGHT · set 06 · stochastic_step: shuffle set"""
# %% answer
import math


def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = np.array(sorted(set(range(n)) - set(chosen)))
    rng.shuffle(rest)
    sample = rest[: math.ceil(-n / k * math.log(epsilon))]
    gains = [gain(chosen, int(e)) for e in sample]
    return sample[int(np.argmax(gains))]
