def delay_bound(x):
    rows = [set(np.flatnonzero(r)) for r in x]
    met = sum(bool(a & b) for i, a in enumerate(rows) for j, b in enumerate(rows) if i != j)
    return float("inf") if met == 0 else np.array([len(x) ** 2 / (2 * met)])
