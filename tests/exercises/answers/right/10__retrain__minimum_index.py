"""RIGHT · set 10 · retrain: indices of the schedule, the last one repeated"""
# %% answer
def retrain(train, w_k, w_T, eta, k, way):
    shift = len(eta) - k if way == "fine-tuning" else 0
    at = np.minimum(np.arange(k, len(eta)) + shift, len(eta) - 1)
    return train({"weight rewinding": w_k}.get(way, w_T), eta[at])
