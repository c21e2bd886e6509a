"""RIGHT · set 10 · imp: while generator"""
# %% answer
def imp(train, w, k, T, rounds, rate):
    def cuts(mask):
        for _ in range(rounds):
            size = np.where(mask, abs(train(early, mask, k, T)), np.inf)
            mask = mask & (size.argsort().argsort() >= round(rate * mask.sum()))
            yield mask

    early = train(w, np.ones(w.shape, bool), 0, k)
    return list(cuts(np.ones(w.shape, bool)))
