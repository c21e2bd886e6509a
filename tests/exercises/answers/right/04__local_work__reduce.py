"""RIGHT · set 04 · local_work: reduce"""
# %% answer
from functools import reduce


def local_work(w, x, y, steps, eta, mu, beta):
    def one(state, _):
        here, before = state
        slope = np.add(gradient(x, y, here), mu * np.subtract(here, w))
        return here + beta * (here - before) - eta * slope, here

    return reduce(one, range(steps), (w, w))[0]
