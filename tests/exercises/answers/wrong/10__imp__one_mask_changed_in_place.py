"""WRONG · set 10 · imp: one mask changed in place"""
# %% answer
def imp(train, w, k, T, rounds, rate):
    mask, found = np.ones(len(w), bool), []
    early = train(w, mask, 0, k)
    for _ in range(rounds):
        trained, left = train(early, mask, k, T), np.flatnonzero(mask)
        mask[left[np.argsort(abs(trained[left]))][: round(rate * len(left))]] = False
        found.append(mask)
    return found
