"""RIGHT · set 09 · group_dro_step: a loop and math.exp"""


# %% answer
def group_dro_step(q, losses, eta):
    import math

    top = max(losses)
    grown = [a * math.exp(eta * (b - top)) for a, b in zip(q, losses)]
    return [g / math.fsum(grown) for g in grown]
