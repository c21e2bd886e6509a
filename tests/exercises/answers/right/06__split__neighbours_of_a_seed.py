"""RIGHT · set 06 · split: one point after another by angle from another start, a list"""
def split(x, m):
    angle = (np.angle(x[:, 0] + 1j * x[:, 1]) + 1.0) % (2 * np.pi)
    place = np.argsort(np.argsort(-angle))
    return (place // (len(x) // m)).tolist()
