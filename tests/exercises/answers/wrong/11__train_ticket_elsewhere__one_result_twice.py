"""WRONG · set 11 · train_ticket_elsewhere: the ticket is returned twice"""
# %% answer
def train_ticket_elsewhere(source, target, w0, fresh, density):
    trained = source(w0, np.ones(len(w0), bool))
    mask = np.zeros(len(w0), bool)
    mask[np.argsort(-abs(trained))[: round(density * len(w0))]] = True
    return (ticket := target(w0, mask)), ticket
