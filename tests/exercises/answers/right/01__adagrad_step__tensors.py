import torch
def adagrad_step(w, r, g, eta, delta):
    w, r, g = map(torch.tensor, (w, r, g))
    r = r + g**2
    return [w - eta / (delta + r.sqrt()) * g, r]
