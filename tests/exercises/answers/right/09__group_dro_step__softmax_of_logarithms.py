def group_dro_step(q, losses, eta):
    from scipy.special import softmax

    return softmax(np.log(q) + eta * losses)
