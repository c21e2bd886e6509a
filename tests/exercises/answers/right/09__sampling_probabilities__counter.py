def sampling_probabilities(groups, power):
    from collections import Counter

    sizes = Counter(groups.tolist())
    total = sum(size ** (1 - power) for size in sizes.values())
    return np.array([sizes[g] ** (-power) / total for g in groups.tolist()], dtype=np.float32)
