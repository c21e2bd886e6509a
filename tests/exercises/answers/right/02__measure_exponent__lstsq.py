"""RIGHT · set 02 · measure_exponent: lstsq"""
# %% answer
def measure_exponent(k, gap):
    A = np.column_stack([np.log2(k), np.ones(len(k))])
    return np.linalg.lstsq(A, np.log2(gap), rcond=None)[0][0]
