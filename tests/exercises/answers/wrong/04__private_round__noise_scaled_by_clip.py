import numpy as np


def private_round(w, models, clip, noise, sampling, clients):
    u = models - w
    f = np.minimum(1, clip / np.maximum(np.linalg.norm(u, axis=1), 1e-12))
    return w + (f @ u + clip * noise) / (sampling * clients)
