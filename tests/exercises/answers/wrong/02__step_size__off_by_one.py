"""WRONG · set 02 · step_size: off by one"""
# %% answer
def step_size(k, eta, hold):
    return np.where(np.asarray(k) <= hold, eta, eta * (hold + 1) / np.asarray(k))
