def counterexample():
    return 1e-200, 1.6e200, 0.9
