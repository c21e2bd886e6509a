"""WRONG · set 10 · retrain: the mean of the step sizes in place of the schedule"""
# %% answer
def retrain(train, w_k, w_T, eta, k, way):
    start = w_k if way == "weight rewinding" else w_T
    n = len(eta) - k
    return train(start, np.full(n, eta[-1] if way == "fine-tuning" else eta[k:].mean()))
