"""RIGHT · set 02 · step_size: where no copy"""
# %% answer
def step_size(k, eta, hold):
    k = np.asarray(k)
    return np.where(k < hold, eta, eta * hold / k)[()]
