"""RIGHT · set 06 · sieve_streaming: exponents searched, values summed again, tuples"""
def sieve_streaming(gain, stream, k, epsilon):
    m, sieves = 0, {}
    while (e := stream()) is not None:
        alone = gain((), e)
        m = max(m, alone)
        powers = [i for i in range(-80, 80) if m and m <= (1 + epsilon) ** i <= 2 * k * m]
        sieves = {i: sieves.get(i, []) for i in powers}
        for i, kept in sieves.items():
            total = sum(g for _, g in kept)
            if len(kept) < k:
                g = gain([c for c, _ in kept], e) if kept else alone
                if g >= ((1 + epsilon) ** i / 2 - total) / (k - len(kept)):
                    sieves[i] = [*kept, (e, g)]
    best = max(sieves.values(), key=lambda kept: sum(g for _, g in kept), default=[])
    return tuple(c for c, _ in best), [(1 + epsilon) ** i for i in sorted(sieves)]
