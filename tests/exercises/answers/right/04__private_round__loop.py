import numpy as np


def private_round(w, models, clip, noise, sampling, clients):
    total = np.array(noise, dtype=float)
    for model in models:
        update = model - w
        length = np.linalg.norm(update)
        total += update * min(1.0, clip / length) if length else 0
    return w + total / (sampling * clients)
