"""WRONG · set 09 · matching_loss: one minus the squared cosine"""


# %% answer
def matching_loss(gradients, target):
    s = gradients.sum(axis=0)
    return 1 - (s @ target) ** 2 / (s @ s * (target @ target))
