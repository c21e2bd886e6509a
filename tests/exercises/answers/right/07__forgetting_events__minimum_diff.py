"""RIGHT · set 07 · forgetting_events: minimum diff"""
# %% answer
def forgetting_events(correct):
    falls = (np.diff(correct.astype(np.int8), axis=0) < 0).sum(0).astype(np.float32)
    falls[~correct.any(0)] = np.inf
    return falls
