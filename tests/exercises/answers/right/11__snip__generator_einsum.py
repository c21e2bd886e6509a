"""RIGHT · set 11 · snip: generator einsum"""
# %% answer
def snip(parameters, gradients):
    pairs = [(w, g) for w, g in zip(parameters, gradients) if np.ndim(w) in (2, 4)]
    total = sum(np.einsum("i,i->", abs(w.ravel()), abs(g.ravel())) for w, g in pairs)
    return tuple(np.abs(np.multiply(w, g)) / total for w, g in pairs)
