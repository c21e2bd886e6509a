"""WRONG · set 11 · train_ticket_elsewhere: keeps the weights that the source task changes most"""
# %% answer
def train_ticket_elsewhere(source, target, w0, fresh, density):
    trained = source(w0, np.ones(len(w0), bool))
    mask = np.zeros(len(w0), bool)
    mask[np.argsort(-abs(trained - w0))[: round(density * len(w0))]] = True
    return target(w0, mask), target(fresh, mask)
