"""What lectures 10 and 11 say about their stored runs must be true of each seed in the file."""

import numpy as np

from courseware.studies import stored
from courseware.studies.pruning import SEEDS

RUNS = stored("pruning")


def by_name(part, names):
    """Name -> accuracies, the seed first."""
    return dict(zip(RUNS[f"{part}.{names}"].tolist(), RUNS[f"{part}.accuracy"].swapaxes(0, 1), strict=True))


def test_every_part_has_at_least_three_seeds_and_stores_them_all():
    assert min(SEEDS.values()) >= 3
    assert {part: len(RUNS[f"{part}.accuracy"]) for part in SEEDS} == SEEDS


def test_a_ticket_of_three_percent_learns_what_its_controls_do_not():
    found = by_name("tickets", "variants")
    small, at_50, end = RUNS["tickets.density"].tolist().index(1 / 32), 1, -1
    ticket = found.pop("ticket")
    assert RUNS["tickets.at"][at_50] == 50
    assert (ticket[:, small, at_50] > ticket[:, 0, at_50]).all()
    assert len(ticket) >= 3
    for control in found.values():
        assert (ticket[:, small, at_50] > control[:, small, at_50] + 0.4).all()
        assert (ticket[:, small, end] > control[:, small, end] + 0.1).all()
    behind = ticket[:, 0, end] - ticket[:, small, end]
    assert (behind.min() > 0.02, behind.max() < 0.03) == (True, True)
    quarter = RUNS["tickets.density"].tolist().index(1 / 4)
    assert (abs(ticket[:, 0, end] - ticket[:, quarter, end]) < 0.01).all()


def test_below_a_thirtieth_new_weights_under_the_mask_end_above_shuffled_ones_under_it():
    """Means of the seeds, at the end; at 1.6 % a random mask is at chance."""
    found = {name: a.mean(0)[-2:, -1] for name, a in by_name("tickets", "variants").items()}
    assert (found["re-initialised"] > found["shuffled"] + 0.05).all()
    assert found["random"][-1] < 0.16
    assert found["ticket"][-1] > 0.7


def at_20_percent():
    """T -> way -> accuracy of every network, for k = T/4, in percent."""
    ways = RUNS["rewinding.ways"].tolist()
    assert RUNS["rewinding.density"][0] == RUNS["longer.density"][0] == 0.2
    assert (RUNS["rewinding.k"][2], RUNS["longer.k"][0]) == (100, 300)
    runs = {400: RUNS["rewinding.accuracy"][:, :, 2, 0], 1200: RUNS["longer.accuracy"][:, :, 0, 0]}
    return {T: dict(zip(ways, 100 * found.T, strict=True)) for T, found in runs.items()}


def test_at_20_percent_the_ranking_is_that_of_renda_frankle_and_carbin_at_both_lengths():
    found = at_20_percent()
    assert len(found[1200]["fine-tuning"]) >= 3
    for ways in found.values():
        mean = {name: a.mean() for name, a in ways.items()}
        assert sorted(mean, key=mean.get) == [
            *("weights only", "fine-tuning", "weight rewinding", "learning-rate rewinding")
        ]
        assert 1 < mean["learning-rate rewinding"] - mean["fine-tuning"] < 2
    tuned, rewound, rescheduled = (
        found[1200][name] for name in ("fine-tuning", "weight rewinding", "learning-rate rewinding")
    )
    assert ((tuned < rewound) & (rewound < rescheduled)).all()


def test_the_schedule_matters_and_the_weights_hardly_as_long_as_large_steps_are_repeated():
    found = by_name("rewinding", "ways")
    early, late = slice(0, 3), 3  # k before the step size falls, and after
    small = slice(2, 4)  # 5 % and 2.5 % of the weights
    weights, rate = found["weight rewinding"], found["learning-rate rewinding"]
    assert (abs(weights - rate).mean(0)[early, small] < 0.02).all()
    for low in ("fine-tuning", "weights only"):
        assert (weights[:, early, small] > found[low][:, early, small] + 0.1).all()
    assert (weights[:, late, 3] < weights[:, 0, 3] - 0.1).all()
    for rewound in (weights, rate):  # 20 % of the weights, k = 200
        assert (rewound - found["fine-tuning"]).mean(0)[late, 0] < 0.0025


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
    """Means of the seeds at compression 100 and 300; chance is 0.1."""
    found = {name: a.mean(0) for name, a in by_name("compression", "methods").items()}
    hundred, more = 3, 4
    assert RUNS["compression.compression"][hundred] == 100
    others = ("random", "magnitude", "SNIP", "GraSP")
    assert found["SynFlow"][hundred] > max(found[name][hundred] for name in others) + 0.02
    assert found["SynFlow"][hundred] > 0.6
    assert max(found[name][hundred] for name in ("random", "magnitude")) < 0.4
    assert found["SynFlow"][more] > max(found[name][more] for name in others) + 0.2


def test_on_fashion_mnist_synflow_is_ahead_on_each_of_five_networks_which_differ_much():
    found = by_name("compression", "methods")
    assert RUNS["compression.compression"][3:5].tolist() == [100, 300]
    assert len(found["SynFlow"]) == 5
    for name in ("random", "magnitude", "SNIP", "GraSP"):
        assert (found["SynFlow"][:, 3:5] > found[name][:, 3:5] + 0.03).all()
    assert 0.23 < np.ptp(found["SynFlow"][:, 4]) < 0.25


def test_magnitude_is_at_chance_at_300_though_no_layer_is_empty():
    magnitude = RUNS["compression.methods"].tolist().index("magnitude")
    assert (abs(RUNS["compression.accuracy"][:, magnitude, 4] - 0.1) < 0.005).all()
    assert (RUNS["compression.kept"][:, magnitude, 4] > 0).all()


def test_grasp_in_rounds_is_at_chance_from_10_on_and_empties_a_layer_of_four_networks_at_3000():
    grasp = RUNS["compression.methods"].tolist().index("GraSP in rounds")
    assert (abs(RUNS["compression.accuracy"][:, grasp, 1:] - 0.1) < 0.05).all()
    empty = (RUNS["compression.kept"][:, grasp] == 0).any(axis=-1).sum(axis=0)
    assert dict(zip(RUNS["compression.compression"].tolist(), empty.tolist(), strict=True))[3000] == 4
    assert not empty[:6].any()


def test_on_the_digits_grasp_in_rounds_empties_a_layer_of_one_network_at_1000():
    grasp = RUNS["digits.methods"].tolist().index("GraSP in rounds")
    at_1000 = RUNS["digits.compression"].tolist().index(1000)
    assert (RUNS["digits.kept"][:, grasp, at_1000] == 0).any(axis=-1).sum() == 1


def test_synflow_at_once_empties_the_largest_layers_at_30_two_for_fashion_mnist_and_one_for_the_digits():
    for part, emptied in (("compression", {0, 1}), ("digits", {1})):
        at_once = RUNS[f"{part}.methods"].tolist().index("SynFlow at once")
        kept, sizes = RUNS[f"{part}.kept"][:, at_once, 2], RUNS[f"{part}.kept"][0, at_once, 0]
        assert RUNS[f"{part}.compression"][2] == 30
        assert {*np.argsort(-sizes)[: len(emptied)].tolist()} == emptied
        assert all({*np.flatnonzero(row == 0).tolist()} == emptied for row in kept)


def test_on_the_digits_too_synflow_learns_where_the_others_are_lost():
    """Means of the seeds, with the margins that others have measured; SNIP and GraSP at 10² are between."""
    found = {name: a.mean(0) for name, a in by_name("digits", "methods").items()}
    hundred, more = 3, 4
    others = ("random", "magnitude", "SNIP", "GraSP")
    assert found["SynFlow"][hundred] > 0.65
    assert found["magnitude"][hundred] < 0.2
    assert found["SynFlow"][hundred] > max(found[name][hundred] for name in others) + 0.1
    assert found["SynFlow"][more] > 0.25
    assert max(found[name][more] for name in others) < 0.2


def losses_of_ablation():
    """(control, steps) -> points that SNIP, GraSP and SynFlow lose on average against the mask as it is."""
    assert RUNS["ablation.methods"].tolist() == ["SNIP", "GraSP", "SynFlow"]
    own = RUNS["ablation.accuracy"].mean(0)  # methods, steps
    controls = {
        "shuffled": RUNS["ablation.shuffled"].mean((0, 2)),
        "re-initialised": RUNS["ablation.reinitialised"].mean(0),
    }
    steps = RUNS["ablation.at"].tolist()
    return {
        (name, step): 100 * (own - other)[:, s]
        for name, other in controls.items()
        for s, step in enumerate(steps)
    }


def test_new_weights_cost_a_mask_of_initialization_little_after_long_training_and_shuffling_some():
    """Three networks, and five shuffles of each."""
    assert RUNS["ablation.shuffled"].shape[:3] == (3, 3, 5)
    loss = losses_of_ablation()
    assert loss["shuffled", 160].round().tolist() == [20, 6, 23]
    assert (loss["re-initialised", 160][[0, 2]] > 5).all()
    assert (loss["re-initialised", 800] < 3).all()
    assert (loss["shuffled", 800] > 3.5).all()
    assert (loss["shuffled", 800] < 8).all()
    shuffled = 100 * RUNS["ablation.shuffled"][..., 1]
    range_of_shuffles = shuffled.max(2) - shuffled.min(2)  # networks, methods
    assert 4 < range_of_shuffles.min() < range_of_shuffles.max() < 24


def test_synflow_is_ahead_of_snip_and_grasp_after_few_steps_only():
    snip, grasp, synflow = 100 * RUNS["ablation.accuracy"].mean(0)  # each after 160 and after 800 steps
    assert synflow[0] > max(snip[0], grasp[0]) + 5
    assert abs(synflow[1] - np.array([snip[1], grasp[1]])).max() < 1.5
    assert (grasp < snip).all()


def transfers():
    """(target, source) -> accuracy at the smallest density, a number a seed."""
    targets, sources = RUNS["transfer.targets"].tolist(), RUNS["transfer.sources"].tolist()
    return {
        (target, source): RUNS["transfer.accuracy"][:, t, s, -1]
        for t, target in enumerate(targets)
        for s, source in enumerate(sources)
    }


def test_a_ticket_goes_to_another_optimizer_at_little_loss_and_to_other_data_at_more():
    found = transfers()
    for data, other in (("Fashion", "MNIST"), ("MNIST", "Fashion")):
        own, by_adam, away, random = (
            found[f"{data}, SGD", source]
            for source in (f"{data}, SGD", f"{data}, Adam", f"{other}, SGD", "random")
        )
        assert (abs(own - by_adam) < 0.02).all()
        assert (away < own - 0.05).all()
        assert (away > random + 0.4).all()


def test_what_other_data_and_the_other_optimizer_cost_a_ticket_is_what_the_lecture_says():
    """In points, with 2.6 % of the weights, means of the seeds."""
    found = {key: 100 * a.mean() for key, a in transfers().items()}
    for own, other, by, another, low, high in (
        *(("Fashion", "MNIST", "SGD", "Adam", 7, 14), ("MNIST", "Fashion", "SGD", "Adam", 7, 14)),
        *(("Fashion", "MNIST", "Adam", "SGD", 5, 8.5), ("MNIST", "Fashion", "Adam", "SGD", 5, 8.5)),
    ):
        target = f"{own}, {by}"
        itself, control = found[target, target], found[target, "re-initialised"]
        assert itself - found[target, f"{own}, {another}"] < 2
        assert low < itself - found[target, f"{other}, {by}"] < high
        assert (found[target, f"{other}, {by}"] > control) == (by == "SGD")


def test_a_ticket_of_the_other_optimizer_costs_little_at_every_density():
    """In points, means of the seeds; trained by SGD, Adam's tickets are the better ones down to 6.4 %."""
    targets, sources = RUNS["transfer.targets"].tolist(), RUNS["transfer.sources"].tolist()
    found = 100 * RUNS["transfer.accuracy"].mean(0)
    for data in ("Fashion", "MNIST"):
        for by, another in (("SGD", "Adam"), ("Adam", "SGD")):
            of_target = found[targets.index(f"{data}, {by}")]
            own, away = (of_target[sources.index(name)] for name in (f"{data}, {by}", f"{data}, {another}"))
            assert (own - away < 2.25).all()
            assert by == "Adam" or (away > own)[:3].all()


def above_new_weights(by):
    """Data -> points by which a ticket of the other data is above the own mask with new weights.

    An array for each data set: (seeds, densities from 40 % down to 2.6 %).
    """
    targets, sources = RUNS["transfer.targets"].tolist(), RUNS["transfer.sources"].tolist()
    runs = {
        name: 100 * RUNS["transfer.accuracy"][:, targets.index(f"{name}, {by}")]
        for name in ("Fashion", "MNIST")
    }
    control = sources.index("re-initialised")
    return {
        name: found[:, sources.index(f"{other}, {by}")] - found[:, control]
        for (name, found), other in zip(runs.items(), ("MNIST", "Fashion"), strict=True)
    }


def test_under_sgd_a_ticket_of_other_data_is_above_new_weights_for_each_seed():
    for above in above_new_weights("SGD").values():
        assert len(above) >= 3
        assert (above > 0).all()


def test_under_adam_it_falls_below_new_weights_as_fewer_weights_are_left():
    for above in above_new_weights("Adam").values():
        at_40, at_16, at_6, at_3 = above.T
        assert (at_40 > 0).all()
        assert abs(at_16.mean()) < 0.5
        assert -1.5 < at_6.mean() < -0.5
        assert (at_6 > 0).sum() == 1
        assert (at_3 < -1.5).all()


def test_with_two_fifths_of_the_weights_all_tickets_are_alike():
    means = 100 * RUNS["transfer.accuracy"].mean(0)[:, :6, 0]
    assert (means.max(1) - means.min(1)).max() < 3.2


def test_what_a_ticket_learned_from_decides_what_it_is_worth():
    found = transfers()
    for target in ("MNIST, SGD", "MNIST, Adam"):
        few, all_of_them = found[target, "500 of MNIST, SGD"], found[target, "MNIST, SGD"]
        assert (abs(all_of_them - few) < 0.025).all()
        assert abs(all_of_them - few).mean() < 0.02
        assert (found[target, "random labels, SGD"] < found[target, "re-initialised"]).all()
    assert (found["Fashion, Adam", "re-initialised"] > found["Fashion, Adam", "MNIST, Adam"]).all()
    assert (found["MNIST, Adam", "re-initialised"] > found["MNIST, Adam", "Fashion, Adam"]).all()


def test_vgg_16_gets_faster_by_filters_only():
    clock = stored("pruning_time")
    ways = clock["way"].tolist()
    faster = dict(zip(ways, clock["seconds"][0] / clock["seconds"], strict=True))
    assert all(0.9 < faster[name] < 1.1 for name in ways if name.startswith("as many weights"))
    assert 2.5 < faster["half of the filters"] < 4 < faster["a quarter of the filters"]
    compression = dict(zip(ways, clock["compression"], strict=True))
    assert compression["filters from the end"] > 6 * compression["filters from the start"]
