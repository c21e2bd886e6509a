"""RIGHT · set 01 · adam_step: lambda views"""
# %% answer
def adam_step(w, v, r, g, t, eta, beta1, beta2, delta, bias_correction):
    mean = lambda old, new, b: b * old + (1.0 - b) * new
    moments = np.stack([mean(v, g, beta1), mean(r, np.power(g, 2), beta2)])
    used = moments / [[1 - beta1**t], [1 - beta2**t]] if bias_correction else moments
    return np.vstack([w - eta * used[0] / (delta + np.sqrt(used[1])), moments])
