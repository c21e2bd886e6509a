"""RIGHT · set 10 · retrain: lists, a loop and keyword arguments"""
# %% answer
def retrain(train, w_k, w_T, eta, k, way):
    sizes = []
    for t in range(k, len(eta)):
        sizes.append(eta[-1] if way == "fine-tuning" else eta[t])
    return train(w=list(w_k) if way.startswith("weight") else list(w_T), step_sizes=sizes)
