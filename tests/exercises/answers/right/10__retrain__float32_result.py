"""RIGHT · set 10 · retrain: a float32 result"""
# %% answer
def retrain(train, w_k, w_T, eta, k, way):
    w = np.where(way == "weight rewinding", w_k, w_T)
    sizes = np.where(way == "fine-tuning", eta[-1], eta)[k:]
    return np.asarray(train(w, sizes), np.float32)
