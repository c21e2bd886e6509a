import time

from courseware.studies.timing import seconds


def test_the_shortest_time_counts_and_the_first_one_does_not():
    pauses = iter([0, 0.05, 0.02, 0.04])
    found = seconds(lambda: time.sleep(next(pauses)), {"uneven": ()}, repeats=3)
    assert 0.02 <= found["uneven"] < 0.04


def test_all_take_turns():
    order = []
    seconds(order.append, {name: (name,) for name in "ab"}, repeats=2)
    assert order == [*"ababab"]
