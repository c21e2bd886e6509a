"""RIGHT · set 02 · step_size: vectorize"""
# %% answer
def step_size(k, eta, hold):
    return np.vectorize(lambda one: eta if one <= hold else eta * hold / one, otypes=[float])(k)
