"""RIGHT · set 06 · sieve: a while loop, the threshold without a division, an array"""
def sieve(gain, stream, k, v):
    S, F = [], 0.0
    while (e := stream()) is not None:
        if e not in S and len(S) < k:
            g = gain(tuple(S), e)
            if g * (k - len(S)) >= v / 2 - F:
                S, F = S + [e], F + g
    return np.array(S, dtype=int)
