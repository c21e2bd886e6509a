"""RIGHT · set 10 · keep_top: sorted places, nested lists of zeros and ones"""
def keep_top(scores, density):
    flat = scores.ravel().tolist()
    top = set(sorted(range(len(flat)), key=lambda i: -flat[i])[: round(density * len(flat))])
    return np.array([int(i in top) for i in range(len(flat))]).reshape(scores.shape).tolist()
