"""The k elements that are worth most alone.

says: element 1 brings 1 item and element 2 brings 2
"""


def greedy(gain, n, k):
    return sorted(range(n), key=lambda e: -gain([], e))[:k]
