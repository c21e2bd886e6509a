"""What lectures 10 and 11 say about their stored runs must be true of each seed in the file."""

from lsml_core.demos.runs import stored

RUNS = stored("pruning")


def by_name(part, names):
    """Name -> accuracies, the seed first."""
    return dict(zip(RUNS[f"{part}.{names}"].tolist(), RUNS[f"{part}.accuracy"].swapaxes(0, 1), strict=True))


def test_a_ticket_of_three_percent_learns_what_its_controls_do_not():
    found = by_name("tickets", "variants")
    small, at_50, end = RUNS["tickets.density"].tolist().index(1 / 32), 1, -1
    ticket = found.pop("ticket")
    assert RUNS["tickets.at"][at_50] == 50
    assert (ticket[:, small, at_50] > ticket[:, 0, at_50] - 0.02).all()
    for control in found.values():
        assert (ticket[:, small, at_50] > control[:, small, at_50] + 0.4).all()
        assert (ticket[:, small, end] > control[:, small, end] + 0.1).all()


def test_the_schedule_matters_and_the_weights_hardly_as_long_as_large_steps_are_repeated():
    found = by_name("rewinding", "ways")
    early, late = slice(0, 3), 3  # k before the step size falls, and after
    small = slice(1, 3)  # 5 % and 2.5 % of the weights
    weights, rate = found["weight rewinding"], found["learning-rate rewinding"]
    assert (abs(weights - rate).mean(0)[early, small] < 0.025).all()
    for low in ("fine-tuning", "weights only"):
        assert (weights[:, early, small] > found[low][:, early, small] + 0.1).all()
    assert (weights[:, late, 2] < weights[:, 0, 2] - 0.1).all()


def test_synflow_empties_no_layer_and_each_of_the_others_does():
    """Magnitude, from He's initialisation, the one with most inputs first; SynFlow at once is earliest."""
    kept = dict(
        zip(RUNS["compression.methods"].tolist(), RUNS["compression.kept"].swapaxes(0, 1), strict=True)
    )
    assert kept["SynFlow"].min() > 0
    first = {}
    for name in ("random", "magnitude", "SNIP", "GraSP", "SynFlow at once"):
        assert (kept[name].min(axis=(1, 2)) == 0).all()
        first[name] = (kept[name] == 0).any(axis=2).argmax(axis=1).max()
    assert all(first["SynFlow at once"] < first[name] for name in first if name != "SynFlow at once")
    at_first = kept["magnitude"][:, first["magnitude"]]
    assert (at_first[:, 1] == 0).all()


def test_synflow_is_accurate_where_the_others_are_near_chance():
    """Means of the seeds at compression 10² and 10^2.5; chance is 0.1."""
    found = {name: a.mean(0) for name, a in by_name("compression", "methods").items()}
    hundred, more = 3, 4
    assert RUNS["compression.compression"][hundred] == 100
    others = ("random", "magnitude", "SNIP", "GraSP")
    assert found["SynFlow"][hundred] > max(found[name][hundred] for name in others) + 0.02
    assert found["SynFlow"][hundred] > 0.6
    assert max(found[name][hundred] for name in ("random", "magnitude")) < 0.4
    assert found["SynFlow"][more] > max(found[name][more] for name in others) + 0.2
