def sampling_probabilities(groups, power):
    from scipy.special import softmax

    return softmax([-power * np.log(np.sum(groups == g)) for g in groups])
