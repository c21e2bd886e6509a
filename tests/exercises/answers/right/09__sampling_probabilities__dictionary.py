def sampling_probabilities(groups, power):
    sizes = {}
    for g in groups.tolist():
        sizes[g] = sizes.get(g, 0) + 1
    weights = [sizes[g] ** -float(power) for g in groups.tolist()]
    return [w / sum(weights) for w in weights]
