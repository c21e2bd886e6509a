"""RIGHT · set 04 · private_round: clip factor"""
# %% answer
def private_round(w, models, clip, noise, sampling, clients):
    total = noise + 0.0
    for row in models:
        u = row - w
        length = np.sqrt(u @ u)
        total = total + u * (clip / max(clip, length))
    return np.asarray([a + b / (sampling * clients) for a, b in zip(w, total)])
