"""RIGHT · set 07 · el2n: expand"""
# %% answer
def el2n(probabilities, y):
    own = np.take_along_axis(probabilities, np.broadcast_to(y, probabilities.shape[:2])[..., None], -1)[..., 0]
    return np.sqrt(np.einsum("rnc,rnc->rn", probabilities, probabilities) - 2 * own + 1).mean(0)
