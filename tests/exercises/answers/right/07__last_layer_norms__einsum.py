"""RIGHT · set 07 · last_layer_norms: einsum, the two parts added up"""
def last_layer_norms(probabilities, h, y):
    delta = probabilities - np.eye(probabilities.shape[1])[y]
    in_b = np.einsum("nc,nc->n", delta, delta)
    in_W = in_b * np.einsum("nd,nd->n", h, h)
    return (in_W + in_b) ** 0.5
