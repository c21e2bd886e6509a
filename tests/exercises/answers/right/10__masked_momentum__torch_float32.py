"""RIGHT · set 10 · masked_momentum: float32 tensors between the gradients"""
import torch


def masked_momentum(grad, w, v, mask, eta, beta, decay, steps):
    w, v, keep = (torch.tensor(a, dtype=torch.float32) for a in (w, v, mask))
    w = w * keep
    for _ in range(steps):
        g = torch.tensor(np.asarray(grad(w.numpy().astype(float))), dtype=torch.float32)
        v = beta * v + g + decay * w
        w = (w - eta * v) * keep
    return w
