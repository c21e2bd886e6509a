"""WRONG · set 10 · retrain: the weights are returned without training"""
# %% answer
def retrain(train, w_k, w_T, eta, k, way):
    return w_k if way == "weight rewinding" else w_T
