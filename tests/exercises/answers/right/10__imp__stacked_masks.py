"""RIGHT · set 10 · imp: cut weights get infinity, one array with a mask in each row"""
def imp(train, w, k, T, rounds, rate):
    mask = np.ones(len(w))
    wk, rows = train(w, mask, 0, k), []
    for _ in range(rounds):
        size = np.where(mask > 0, np.abs(train(wk * mask, mask, k, T)), np.inf)
        mask = mask.copy()
        mask[np.argsort(size)[: round(rate * int(mask.sum()))]] = 0
        rows.append(mask)
    return np.array(rows)
