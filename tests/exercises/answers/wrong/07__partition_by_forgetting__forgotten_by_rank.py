"""WRONG · set 07 · partition_by_forgetting: forgotten by rank"""
# %% answer
def partition_by_forgetting(correct, size, rng):
    events = (correct[:-1] & ~correct[1:]).sum(axis=0)
    order = rng.permutation(len(events))
    ranked = order[np.argsort(events[order], kind="stable")]
    return ranked[-size:], ranked[:size]
