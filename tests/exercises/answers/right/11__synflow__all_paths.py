"""RIGHT · set 11 · synflow: walks all paths, as the prompt defines it"""
def synflow(weights):
    scores = [np.zeros(W.shape) for W in weights]
    for path in product(range(weights[0].shape[1]), *(range(len(W)) for W in weights)):
        strength = 1.0
        for W, i, o in zip(weights, path, path[1:]):
            strength *= abs(float(W[o, i]))
        for s, i, o in zip(scores, path, path[1:]):
            s[o, i] += strength
    return scores
