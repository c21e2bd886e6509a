"""RIGHT · set 06 · guesses: a list of floats, found from below"""
def guesses(m, k, epsilon):
    i = -2000
    while (1 + epsilon) ** i < m:
        i += 1
    found = []
    while (1 + epsilon) ** i <= 2 * k * m:
        found.append((1 + epsilon) ** i)
        i += 1
    return found
