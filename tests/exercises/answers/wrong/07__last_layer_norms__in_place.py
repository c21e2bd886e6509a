"""WRONG · set 07 · last_layer_norms: in place"""
# %% answer
def last_layer_norms(probabilities, h, y):
    probabilities[np.arange(len(y)), y] -= 1
    return np.sqrt((probabilities**2).sum(axis=1) * (1 + (h**2).sum(axis=1)))
