def squared_distance(a, b):
    return (a**2).sum() + (b**2).sum()
