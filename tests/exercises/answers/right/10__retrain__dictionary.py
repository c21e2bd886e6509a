"""RIGHT · set 10 · retrain: a dictionary of the three ways"""
# %% answer
def retrain(train, w_k, w_T, eta, k, way):
    constant = eta[-1] * np.ones(len(eta) - k)
    ways = {
        "fine-tuning": (w_T, constant),
        "weight rewinding": (w_k, eta[k:].copy()),
        "learning-rate rewinding": (w_T, eta[k:].copy()),
    }
    w, sizes = ways[way]
    return train(w, sizes).tolist()
