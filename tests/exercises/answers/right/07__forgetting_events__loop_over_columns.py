"""RIGHT · set 07 · forgetting_events: a loop over examples, a list"""
def forgetting_events(correct):
    counts = []
    for column in correct.T.tolist():
        pairs = list(zip(column[:-1], column[1:]))
        counts.append(pairs.count((True, False)) if any(column) else float("inf"))
    return counts
