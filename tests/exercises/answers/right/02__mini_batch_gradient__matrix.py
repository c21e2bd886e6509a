"""RIGHT · set 02 · mini_batch_gradient: matrix"""
# %% answer
def mini_batch_gradient(x, y, w, i):
    X = np.asmatrix(x)[i]
    return np.asarray(X.T * (X * np.asmatrix(w).T - np.asmatrix(y[i]).T) / len(i)).ravel()
