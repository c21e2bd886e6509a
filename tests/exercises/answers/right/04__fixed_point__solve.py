"""RIGHT · set 04 · fixed_point: solve"""
# %% answer
def fixed_point(h, c, n, eta, T):
    def round_(w):
        return np.average(c + (w - c) * (1 - eta * h) ** T, weights=n)

    slope = round_(1.0) - round_(0.0)
    return np.array([round_(0.0) / (1 - slope)])
