"""WRONG · set 11 · snip: mean per layer"""
# %% answer
def snip(parameters, gradients):
    s = [abs(w * g) for w, g in zip(parameters, gradients) if w.ndim > 1]
    n = sum(a.size for a in s)
    return [a / a.sum() * a.size / n for a in s]
