"""RIGHT · set 05 · facility_gains: float32, a loop, a list"""
def facility_gains(similarity, chosen):
    s = similarity.astype(np.float32)
    gains = []
    for e in range(s.shape[1]):
        gain = np.float32(0)
        for row in s:
            gain += max(row[e] - max([row[c] for c in chosen], default=np.float32(0)), np.float32(0))
        gains.append(gain)
    return gains
