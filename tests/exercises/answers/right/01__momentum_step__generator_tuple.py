"""RIGHT · set 01 · momentum_step: generator tuple"""
# %% answer
def momentum_step(w, dw, g, eta, beta):
    new = [beta * a - eta * b for a, b in zip(np.ravel(dw), np.ravel(g))]
    return tuple(np.reshape(part, np.shape(w)) for part in ([a + b for a, b in zip(np.ravel(w), new)], new))
