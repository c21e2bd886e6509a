"""RIGHT · set 03 · delay_bound: broadcast"""
# %% answer
def delay_bound(x):
    e = x.astype(bool)
    meet = (e[:, None, :] & e[None, :, :]).any(-1)
    others = meet.sum() - np.trace(meet)
    with np.errstate(divide="ignore"):
        return len(x) / (2 * np.float64(others / len(x)))
