"""RIGHT · set 11 · train_ticket_elsewhere: an int mask from a threshold between two magnitudes"""
# %% answer
def train_ticket_elsewhere(source, target, w0, fresh, density):
    d = len(w0)
    size = np.abs(source(w0, np.ones(d, int)))
    mask = (size.argsort().argsort() >= d - round(density * d)).astype(int)
    return [target(w0, mask), target(fresh, mask)]
