"""WRONG · set 08 · exemplars: the first k members"""


# %% answer
def exemplars(gradients, members, k):
    return members[:k]
