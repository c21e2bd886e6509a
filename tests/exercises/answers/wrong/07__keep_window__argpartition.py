"""WRONG · set 07 · keep_window: argpartition"""
# %% answer
def keep_window(score, skip, size):
    order = np.argpartition(score, min(skip + size, len(score) - 1))[: skip + size]
    return order[np.argsort(score[order])][skip:]
