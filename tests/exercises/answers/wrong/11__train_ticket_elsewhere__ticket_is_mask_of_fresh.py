"""WRONG · set 11 · train_ticket_elsewhere: the mask is found from the fresh weights"""
# %% answer
def train_ticket_elsewhere(source, target, w0, fresh, density):
    trained = source(fresh, np.ones(len(w0), bool))
    mask = np.zeros(len(w0), bool)
    mask[np.argsort(-abs(trained))[: round(density * len(w0))]] = True
    return target(w0, mask), target(fresh, mask)
