"""An array of steps is asked for one truth value.

says: raised ValueError: The truth value of an array
"""


def step_size(k, eta, hold):
    if k <= hold:
        return eta
    return eta * hold / k
