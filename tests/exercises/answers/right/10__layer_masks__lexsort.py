"""RIGHT · set 10 · layer_masks: lexsort, masks of floats"""
def layer_masks(scores, density, scope):
    groups = [list(range(len(scores)))] if scope == "global" else [[i] for i in range(len(scores))]
    masks = [np.zeros(s.shape) for s in scores]
    for group in groups:
        row = np.concatenate([scores[i].flatten() for i in group])
        order = np.lexsort((np.arange(len(row)), -row))
        kept = np.zeros(len(row))
        kept[order[: round(density * len(row))]] = 1
        for i in group:
            masks[i], kept = kept[: scores[i].size].reshape(scores[i].shape), kept[scores[i].size :]
    return masks
