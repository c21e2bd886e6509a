"""RIGHT · set 11 · train_ticket_elsewhere: float32 results"""
# %% answer
def train_ticket_elsewhere(source, target, w0, fresh, density):
    trained = source(w0, np.ones(len(w0)))
    threshold = np.sort(abs(trained))[len(w0) - round(density * len(w0))]
    mask = abs(trained) >= threshold
    return target(w0, mask).astype(np.float32), target(fresh, mask).astype(np.float32)
