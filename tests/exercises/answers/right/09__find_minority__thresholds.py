def find_minority(outputs, y):
    found = []
    for c in set(y.tolist()):
        idx = np.where(y == c)[0]
        best = None
        for t in outputs[idx]:
            low, high = idx[outputs[idx] <= t], idx[outputs[idx] > t]
            if len(high) == 0:
                continue
            cost = sum(((outputs[part] - outputs[part].mean()) ** 2).sum() for part in (low, high))
            if best is None or cost < best[0]:
                best = cost, low if len(low) < len(high) else high
        found += best[1].tolist()
    return np.array(sorted(found))
