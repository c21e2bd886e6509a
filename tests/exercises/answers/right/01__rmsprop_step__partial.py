"""RIGHT · set 01 · rmsprop_step: partial"""
# %% answer
from functools import partial


def moving(average, value, keep):
    return keep * average + (1 - keep) * value


def step(mean, w, r, g, eta, beta2, delta):
    r = mean(r, g * g, beta2)
    return w - np.divide(eta * g, delta + np.sqrt(r)), r


rmsprop_step = partial(step, moving)
