def matching_loss(gradients, target):
    a = gradients.sum(axis=0)
    a, b = a / np.linalg.norm(a), target / np.linalg.norm(target)
    return np.array([((a - b) ** 2).sum() / 2])
