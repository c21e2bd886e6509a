def matching_loss(gradients, target):
    from scipy.spatial.distance import cosine

    return cosine(gradients.sum(0), target)
