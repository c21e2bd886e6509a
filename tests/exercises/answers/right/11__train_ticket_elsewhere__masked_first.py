"""RIGHT · set 11 · train_ticket_elsewhere: weights are multiplied by the mask before training"""
# %% answer
def train_ticket_elsewhere(source, target, w0, fresh, density):
    n = round(density * len(w0))
    after = source(w=w0, mask=[True] * len(w0))
    places = sorted(np.argsort(np.abs(after))[::-1][:n])
    mask = np.zeros(len(w0))
    mask[places] = 1.0
    return np.stack([target(w0 * mask, mask), target(fresh * mask, mask)])
