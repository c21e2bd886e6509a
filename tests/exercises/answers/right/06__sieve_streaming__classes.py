"""RIGHT · set 06 · sieve_streaming: classes"""
# %% answer
import math


class Sieve:
    def __init__(self, v, k):
        self.v, self.k, self.S, self.value = v, k, [], 0

    def offer(self, gain, e):
        if len(self.S) == self.k:
            return
        g = gain(self.S, e)
        if g >= (self.v / 2 - self.value) / (self.k - len(self.S)):
            self.S.append(e)
            self.value += g


def sieve_streaming(gain, stream, k, epsilon):
    m, alive, base = 0, {}, 1 + epsilon
    while (e := stream()) is not None:
        m = max(m, gain((), e))
        if not m:
            continue
        for i in [i for i in alive if base**i < m]:
            del alive[i]
        i = math.floor(math.log(m) / math.log(base)) - 1
        while base**i <= 2 * k * m:
            if base**i >= m:
                alive.setdefault(i, Sieve(base**i, k))
            i += 1
        for one in alive.values():
            one.offer(gain, e)
    best = max(alive.values(), key=lambda one: one.value, default=None)
    return (best.S if best else []), np.sort([one.v for one in alive.values()])
