"""RIGHT · set 11 · synflow: recursion"""
# %% answer
def synflow(weights):
    def pass_(layers, arriving):
        if not layers:
            return [], np.ones_like(arriving)
        A = np.abs(layers[0])
        rest, leaving = pass_(layers[1:], A @ arriving)
        return [leaving[:, None] * A * arriving, *rest], A.T @ leaving

    return pass_(list(weights), np.ones(weights[0].shape[1]))[0]
