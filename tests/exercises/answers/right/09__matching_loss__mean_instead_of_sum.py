def matching_loss(gradients, target):
    g = np.mean(gradients, axis=0)
    return 1 - np.dot(g, target) / np.sqrt(np.dot(g, g) * np.dot(target, target))
