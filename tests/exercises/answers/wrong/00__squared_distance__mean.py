def squared_distance(a, b):
    return ((a - b) ** 2).mean() * len(a)
