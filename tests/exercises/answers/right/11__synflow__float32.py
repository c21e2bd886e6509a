"""RIGHT · set 11 · synflow: float32, products of matrices"""
def synflow(weights):
    A = [np.abs(W).astype(np.float32) for W in weights]
    scores = []
    for l in range(len(A)):
        f = np.ones(A[0].shape[1], np.float32)
        for M in A[:l]:
            f = M @ f
        b = np.ones(len(A[-1]), np.float32)
        for M in reversed(A[l + 1 :]):
            b = b @ M
        scores.append(np.outer(b, f) * A[l])
    return scores
