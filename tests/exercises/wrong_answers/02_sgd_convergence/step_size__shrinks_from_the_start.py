"""The lecture's smooth schedule, which never holds.

says: before hold the step size is eta
"""


def step_size(k, eta, hold):
    return eta / (1 + k / hold)
