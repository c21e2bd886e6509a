import torch
def clip_gradient(g, limit):
    t = torch.tensor(g, dtype=torch.float32)
    return t * min(1.0, limit / max(float(t.norm()), 1e-12))
