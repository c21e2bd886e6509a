"""RIGHT · set 10 · efficiency: sums in a loop, a list of numpy numbers"""
def efficiency(masks, outputs):
    N = n = F = f = 0
    for mask, shape in zip(masks, outputs):
        positions = 1
        for side in shape[1:]:
            positions *= side
        N, n = N + mask.size, n + mask.sum()
        F, f = F + positions * mask.size, f + positions * mask.sum()
    return [N / n, F / f]
