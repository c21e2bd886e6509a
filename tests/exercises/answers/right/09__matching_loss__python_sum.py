"""RIGHT · set 09 · matching_loss: Python's sum and math"""


# %% answer
def matching_loss(gradients, target):
    import math

    s = [math.fsum(column) for column in zip(*gradients)]
    return 1 - sum(a * b for a, b in zip(s, target)) / (math.hypot(*s) * math.hypot(*target))
