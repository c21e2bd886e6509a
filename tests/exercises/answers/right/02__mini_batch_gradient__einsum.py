"""RIGHT · set 02 · mini_batch_gradient: einsum"""
# %% answer
def mini_batch_gradient(x, y, w, i):
    rows = x[i]
    return np.einsum("bd,b->d", rows, np.einsum("bd,d->b", rows, w) - y[i]) / rows.shape[0]
