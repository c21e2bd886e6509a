"""RIGHT · set 11 · train_ticket_elsewhere: the control is trained first"""
# %% answer
def train_ticket_elsewhere(source, target, w0, fresh, density):
    trained = source(w0, np.ones(len(w0)))
    kept = set(np.argpartition(-abs(trained), round(density * len(w0)) - 1)[: round(density * len(w0))].tolist())
    mask = [i in kept for i in range(len(w0))]
    control = target(fresh, mask)
    return target(w0, mask), control
