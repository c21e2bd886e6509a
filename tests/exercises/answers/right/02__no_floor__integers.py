"""RIGHT · set 02 · no_floor: integers"""
# %% answer
def no_floor():
    return [[2, 0], [0, 1], [1, 2], [-1, 1], [3, 1]], [2, 1, 3, 0, 4]
