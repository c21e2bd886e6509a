"""WRONG · set 10 · retrain: weight rewinding with the last step size"""
# %% answer
def retrain(train, w_k, w_T, eta, k, way):
    start = w_k if way == "weight rewinding" else w_T
    return train(start, eta[k:] if way == "learning-rate rewinding" else np.full(len(eta) - k, eta[-1]))
