"""RIGHT · set 06 · sieve: while loop"""
# %% answer
def sieve(gain, stream, k, v):
    kept, worth = (), 0.0
    while (e := stream()) is not None:
        room = k - len(kept)
        if room and e not in kept and (g := gain(kept, e)) * room >= v / 2 - worth:
            kept, worth = (*kept, e), worth + g
    return list(kept)
