"""WRONG · set 10 · retrain: the rewound schedule begins at step k + 1"""
# %% answer
def retrain(train, w_k, w_T, eta, k, way):
    start = w_k if way == "weight rewinding" else w_T
    late = np.append(eta[k + 1 :], eta[-1])
    return train(start, np.full(len(eta) - k, eta[-1]) if way == "fine-tuning" else late)
