"""RIGHT · set 01 · momentum_step: class with call"""
# %% answer
class Step:
    def __call__(self, w, dw, g, eta, beta):
        dw = np.multiply(beta, dw) - np.multiply(eta, g)
        return [w + dw, dw]


momentum_step = Step()
