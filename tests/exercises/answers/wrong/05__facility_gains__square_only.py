"""WRONG · set 05 · facility_gains: square only"""
# %% answer
def facility_gains(similarity, chosen):
    best = similarity[:, chosen].max(axis=1, initial=0)
    m, n = similarity.shape
    return np.maximum(similarity - (best[:, None] if m == n else np.resize(best, n)[None]), 0).sum(axis=0)
