def matching_loss(gradients, target):
    from sklearn.metrics.pairwise import cosine_similarity

    return 1 - cosine_similarity(gradients.sum(axis=0, keepdims=True), target[None])
