def sampling_probabilities(groups, power):
    import torch

    _, inverse, counts = torch.unique(torch.tensor(groups), return_inverse=True, return_counts=True)
    w = counts[inverse].double() ** (-power)
    return w / w.sum()
