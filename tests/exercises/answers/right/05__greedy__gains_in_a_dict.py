"""RIGHT · set 05 · greedy: a dict of gains, a tuple comes back"""
def greedy(gain, n, k):
    chosen = ()
    while len(chosen) < k:
        gains = {e: gain(chosen, e) for e in range(n) if e not in chosen}
        most = max(gains.values())
        chosen += (min(e for e, g in gains.items() if g == most),)
    return chosen
