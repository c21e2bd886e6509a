"""WRONG · set 10 · retrain: fine-tuning with the smallest step size, which need not be the last"""
# %% answer
def retrain(train, w_k, w_T, eta, k, way):
    start = w_k if way == "weight rewinding" else w_T
    return train(start, np.full(len(eta) - k, min(eta)) if way == "fine-tuning" else eta[k:])
