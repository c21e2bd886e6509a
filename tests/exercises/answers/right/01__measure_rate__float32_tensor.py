import torch
def measure_rate(grad, start, eta, steps):
    w = np.asarray(start, np.float32)
    for _ in range(steps):
        old, w = w, np.float32(w - eta * grad(w))
    return torch.tensor(np.linalg.norm(w) / np.linalg.norm(old)).reshape(1)
