"""WRONG · set 07 · forgetting_events: last as forgotten"""
# %% answer
def forgetting_events(correct):
    padded = np.vstack([correct, np.zeros((1, correct.shape[1]), bool)])
    events = (padded[:-1] & ~padded[1:]).sum(axis=0)
    return np.where(correct.any(axis=0), events, np.inf)
