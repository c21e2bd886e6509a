"""WRONG · set 11 · train_ticket_elsewhere: the control starts from a mixture of fresh and trained weights"""
# %% answer
def train_ticket_elsewhere(source, target, w0, fresh, density):
    trained = source(w0, np.ones(len(w0), bool))
    mask = np.zeros(len(w0), bool)
    mask[np.argsort(-abs(trained))[: round(density * len(w0))]] = True
    return target(w0, mask), target(np.where(mask, trained, fresh), mask)
