"""RIGHT · set 11 · collapsing_chain: lists of ints"""
def collapsing_chain():
    middle = [[10 + i + j for j in range(6)] for i in range(6)]
    return [[[40]] * 6, middle, [[40] * 6]], 0.25
