def counterexample():
    return 1.0, 1.357, 0.9
