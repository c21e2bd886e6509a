"""What is never learned has no event, and stays at 0.

says: counts as forgotten for ever
"""


def forgetting_events(correct):
    return (correct[:-1] & ~correct[1:]).sum(axis=0).astype(float)
