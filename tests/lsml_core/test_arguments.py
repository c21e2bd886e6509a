"""What public functions refuse: each test is one kind of argument, tried on the functions that take it."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from lsml_core import data, losses, models, training
from lsml_core.data import clients, sparse, text
from lsml_core.optimization import (
    bounds,
    finite_sums,
    objectives,
    sampling,
    schedules,
    steps,
    stochastic,
    worst_case,
)
from lsml_core.parallel import (
    cluster,
    engines,
    federated,
    hogwild,
    large_batches,
    matrix_completion,
    shuffling,
    staleness,
    synchronous,
    timelines,
)
from lsml_core.parallel.federated import devices, privacy, quadratics, rounds
from lsml_core.pruning import checkpoints, densities, first_order, masks, metrics, scores, tickets
from lsml_core.selection import (
    classes,
    craig,
    crest,
    crust,
    difficulty,
    early_training,
    epic,
    gradients,
    group_dro,
    keep,
    poisoning,
    robust_training,
    s2l,
    spurious,
    teacher_student,
)
from lsml_core.submodular import distributed, functions, greedy, instances, streaming
from lsml_core.validation import check_indices, check_labels

pytestmark = pytest.mark.own_checks

Y = np.arange(12) % 3
G = np.random.default_rng(1).normal(size=(12, 4))
P = np.full((12, 3), 1 / 3)
F = finite_sums.LeastSquares(G, G.sum(1))
START = np.zeros(4)
SET = functions.Modular(np.arange(1.0, 15.0))
SPARSE = sparse.zipf_examples(8, 6, 2.0, rng=np.random.default_rng(0))
ONE_CLIENT = [federated.Client(G, np.eye(3)[Y])]
LOCAL = {"eta": 0.1, "batch": 4}
W = np.zeros((4, 3))
MACHINES = cluster.Cluster()


def rng():
    return np.random.default_rng(0)


def net():
    return models.mlp((4, 5, 3), rng=rng())


def few_images():
    return data.Dataset(G.astype(np.float32), Y, ("a", "b", "c"), "few")


def plan():
    orders = checkpoints.shuffled_epochs(12, 4, 3, rng=rng())
    return checkpoints.TrainingPlan(
        few_images(), partial(torch.optim.SGD, lr=0.1), checkpoints.step_decay(0.1, 3), orders
    )


def fit(model, batch, generator):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return training.fit(model, few_images(), optimizer=optimizer, epochs=1, batch=batch, rng=generator)


# --- random generators ---


@pytest.mark.parametrize("wrong", [0, None, np.random.RandomState(0)], ids=["seed", "none", "legacy"])
@pytest.mark.parametrize(
    "call",
    [
        lambda g: clients.iid(12, 3, rng=g),
        lambda g: clients.shards(Y, 3, 2, rng=g),
        lambda g: clients.dirichlet(Y, 3, 1.0, rng=g),
        lambda g: clients.synthetic(1, 1, 2, rng=g),
        lambda g: clients.synthetic_iid(2, rng=g),
        lambda g: data.label_noise(Y, 0.5, 3, rng=g),
        lambda g: few_images().split(0.5, rng=g),
        lambda g: sparse.zipf_examples(8, 6, 2.0, rng=g),
        lambda g: sparse.ratings(3, 3, 1, 5, rng=g),
        lambda g: models.mlp((4, 3), rng=g),
        lambda g: next(sampling.with_replacement(5, 2, rng=g)),
        lambda g: next(sampling.without_replacement(5, 2, rng=g)),
        lambda g: stochastic.sgd(F, START, eta=0.1, steps=1, rng=g),
        lambda g: stochastic.svrg(F, START, eta=0.1, steps=1, rng=g),
        lambda g: stochastic.saga(F, START, eta=0.1, steps=1, rng=g),
        lambda g: stochastic.sample_gradients(F, START, 2, draws=2, rng=g),
        lambda g: worst_case.quadratic_gap(batch=1, steps=1, runs=1, rng=g),
        lambda g: MACHINES.timeline(4, 2, 1, rng=g),
        lambda g: large_batches.noisy_descent(
            large_batches.TwoMinima(), START, eta=0.1, sigma=1, batch=1, steps=0, rng=g
        ),
        lambda g: next(shuffling.single_shuffle(5, 2, rng=g)),
        lambda g: next(shuffling.random_reshuffling(5, 2, rng=g)),
        lambda g: shuffling.squared_distances(F, START, eta=0.1, epochs=0, rng=g),
        lambda g: shuffling.averaged_epochs(F, START, workers=2, eta=0.1, epochs=0, rng=g),
        lambda g: hogwild.train(SPARSE.x, SPARSE.y, threads=1, epochs=0, eta=0.1, rng=g),
        lambda g: staleness.simulate(SPARSE.x, SPARSE.y, workers=1, epochs=0, eta=0.1, rng=g),
        lambda g: federated.fedavg(ONE_CLIENT, W, 0, epochs=1, rng=g, **LOCAL),
        lambda g: federated.qffl(ONE_CLIENT, W, 0, q=1, epochs=1, rng=g, **LOCAL),
        lambda g: federated.distributed_sgd(ONE_CLIENT, W, 0, rng=g, **LOCAL),
        lambda g: federated.private_fedavg_rounds(
            ONE_CLIENT, W, clip=1, noise=1, sampling=1, epochs=1, rng=g, **LOCAL
        ),
        lambda g: devices.random_speeds(2, 1.0, 0.1, rng=g),
        lambda g: rounds.choose(5, 0.5, rng=g),
        lambda g: greedy.stochastic_greedy(SET, 0, epsilon=0.1, rng=g),
        lambda g: greedy.random_subset(SET, 2, rng=g),
        lambda g: distributed.greedi(SET, 2, 2, rng=g),
        lambda g: functions.find_violation(SET, rng=g),
        lambda g: functions.find_decrease(functions.Modular([1, 2]), rng=g),
        lambda g: robust_training.mixup_within_classes(G, Y, rng=g),
        lambda g: early_training.early_probabilities(
            models.mlps((4, 3)), few_images(), runs=1, epochs=0, eta=0.1, batch=4, rng=g
        ),
        lambda g: poisoning.craft(net(), few_images(), G[0], 1, budget=0.1, epsilon=0.1, rng=g),
        lambda g: s2l.s2l(np.abs(G).T, 4, 2, rng=g),
        lambda g: s2l.from_clusters(Y, 0, rng=g),
        lambda g: spurious.early_groups(P, Y, rng=g),
        lambda g: fit(net(), 4, g),
        lambda g: scores.random(net(), rng=g),
        lambda g: tickets.shuffle({"a": torch.ones(3, dtype=torch.bool)}, rng=g),
        lambda g: checkpoints.shuffled_epochs(12, 4, 0, rng=g),
    ],
)
def test_a_seed_is_not_a_generator(call, wrong):
    call(rng())
    with pytest.raises(ValueError, match=r"^rng=.* must be a random generator"):
        call(wrong)


# --- counts ---


@pytest.mark.parametrize("wrong", [2.0, 2.5, True, -1, float("nan"), float("inf")])
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("n", lambda k: clients.iid(k, 2, rng=rng())),
        ("clients", lambda k: clients.iid(12, k, rng=rng())),
        ("clients", lambda k: clients.shards(Y, k, 1, rng=rng())),
        ("shards_per_client", lambda k: clients.shards(Y, 1, k, rng=rng())),
        ("clients", lambda k: clients.dirichlet(Y, k, 1.0, rng=rng())),
        ("clients", lambda k: clients.synthetic_iid(k, rng=rng())),
        ("largest", lambda k: clients.synthetic(0, 0, 1, largest=k, rng=rng())),
        ("classes", lambda k: data.label_noise(Y % 2, 0.5, k, rng=rng())),
        ("n", lambda k: sparse.zipf_examples(k, 6, 0.5, rng=rng())),
        ("d", lambda k: sparse.zipf_examples(8, k, 0.5, rng=rng())),
        ("users", lambda k: sparse.ratings(k, 3, 1, 5, rng=rng())),
        ("rank", lambda k: sparse.ratings(3, 3, k, 5, rng=rng())),
        ("m", lambda k: sparse.ratings(3, 3, 1, k, rng=rng())),
        ("min_characters", lambda k: text.shakespeare(k)),
        ("sizes", lambda k: models.mlp((4, k, 3), rng=rng())),
        ("side", lambda k: models.convnet(k, 3, channels=(2,), rng=rng())),
        ("channels", lambda k: models.convnet(8, 3, channels=(k,), rng=rng())),
        ("heads", lambda k: models.transformer(5, 4, width=4, heads=k, layers=1, rng=rng())),
        ("longest", lambda k: staleness.longest_stable_delay(0.5, k)),
        ("rank", lambda k: crust.low_rank_error(G, k)),
        ("most", lambda k: difficulty.event_shares(np.arange(3.0), k)),
        ("n", lambda k: functions.ByValue(k, len)),
        ("tries", lambda k: functions.find_violation(SET, rng=rng(), tries=k)),
        ("k", lambda k: instances.tight_instance(k).n),
        ("times", lambda k: instances.area(np.ones((2, 3, 3), bool), 1.0, times=k)),
        ("steps", lambda k: masks.exponential(0.1, k)),
        ("steps", lambda k: masks.linear(0.1, k)),
        ("batch", lambda k: checkpoints.shuffled_epochs(12, k, 2, rng=rng())),
        ("steps", lambda k: checkpoints.shuffled_epochs(12, 4, k, rng=rng())),
        ("steps", lambda k: checkpoints.step_decay(0.1, k)),
        ("drops", lambda k: checkpoints.step_decay(0.1, 5, (k,))),
        ("drops", lambda k: schedules.StepDecay(0.1, (k,))),
        ("budget", lambda k: s2l.from_clusters(Y, k, rng=rng())),
        ("clusters", lambda k: s2l.cluster_trajectories(np.abs(G).T, k, rng=rng())),
        ("clusters", lambda k: spurious.early_groups(G, Y, k, rng=rng())),
        ("count", lambda k: spurious.group_means(np.ones(4), np.array([0, 1, 1, 0]), k)),
        ("d", lambda k: teacher_student.experiment(4, 0.5, d=k, angle=0.1, rng=rng())),
        ("stop", lambda k: epic.Epic(stop=k)),
        ("subset", lambda k: crest.Crest(subset=k)),
        (
            "label",
            lambda k: poisoning.craft(
                net(), few_images(), G[0], k, budget=0.1, epsilon=0.1, steps=0, rng=rng()
            ),
        ),
        ("trials", lambda k: poisoning.success_interval(0, k)),
        ("successes", lambda k: poisoning.success_interval(k, 5)),
        ("steps", lambda k: checkpoints.advance(plan(), checkpoints.Checkpoint(0, net()), k)),
        ("rounds", lambda k: tickets.imp(plan(), net(), k)),
        ("rewind", lambda k: tickets.imp(plan(), net(), 0, rewind=k)),
    ],
)
def test_a_count_is_an_integer_that_is_not_negative(name, call, wrong):
    for two in (2, np.int64(2), np.uint8(2)):
        call(two)
    with pytest.raises(ValueError, match=name):
        call(wrong)


# --- numbers ---


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -1.0])
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("alpha", lambda v: clients.dirichlet(Y, 2, v, rng=rng())),
        ("beta", lambda v: clients.synthetic(0, v, 1, rng=rng())),
        ("fraction", lambda v: data.label_noise(Y, v, 3, rng=rng())),
        ("noise", lambda v: sparse.zipf_examples(8, 6, 2.0, noise=v, rng=rng())),
        ("width", lambda v: large_batches.TwoMinima(width=v)),
        ("h", lambda v: large_batches.TwoMinima(h=v)),
        ("eta", lambda v: shuffling.averaged_epochs(F, START, workers=2, eta=v, epochs=1, rng=rng())),
        ("eta", lambda v: staleness.delayed_sgd(SPARSE.x, SPARSE.y, np.arange(2), np.zeros(2, int), eta=v)),
        ("step", lambda v: staleness.longest_stable_delay(v)),
        ("rounds", lambda v: privacy.epsilon(v, sampling=0.1, noise=1.0, delta=1e-5)),
        ("sampling", lambda v: privacy.epsilon(3, sampling=v, noise=1.0, delta=1e-5)),
        ("sampling", lambda v: privacy.renyi_divergence(2, sampling=v, noise=1.0)),
        ("clip", lambda v: privacy.clipped(G, v)),
        ("eta", lambda v: quadratics.accumulated_steps(np.eye(4), START, START, eta=v, T=1)),
        ("cell", lambda v: instances.area(np.ones((2, 3, 3), bool), v)),
        ("power", lambda v: instances.area(np.ones((2, 3, 3), bool), 1.0, power=v)),
        ("ratio", lambda v: densities.geometric_densities(np.array([3, 4]), 0.5, v)),
        ("temperature", lambda v: scores.grasp(net(), torch.ones(2, 4), torch.tensor([0, 1]), v)),
        ("eta", lambda v: checkpoints.step_decay(v, 2)),
        ("alpha", lambda v: teacher_student.experiment(v, 1, d=10, angle=0.1, rng=rng())),
        ("rate", lambda v: tickets.imp(plan(), net(), 0, v)),
        ("length", lambda v: poisoning.effective(G, np.ones(4), length=v)),
        ("step_factor", lambda v: crest.Crest(step_factor=v)),
        ("learned", lambda v: crest.Crest(learned=v)),
    ],
)
def test_a_number_out_of_range_is_named(name, call, wrong):
    call(0.5)
    with pytest.raises(ValueError, match=f"{name}="):
        call(wrong)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("density", lambda v: masks.keep_top({"a": torch.ones(3)}, v)),
        ("density", lambda v: masks.keep_top_by_sorting({"a": torch.ones(3)}, v)),
        ("density", lambda v: masks.exponential(v, 3)),
        ("density", lambda v: masks.linear(v, 3)),
        (r"densities\[1\]", lambda v: masks.prune(net(), scores.magnitude, [0.9, v])),
        ("density", lambda v: densities.geometric_densities(np.array([3, 4]), v, 1.0)),
        ("rate", lambda v: tickets.imp(plan(), net(), 0, v)),
    ],
)
def test_a_fraction_of_the_weights_is_not_a_percentage(name, call):
    call(0.3)
    call(np.array(0.3))
    with pytest.raises(ValueError, match=f"^{name}=30 must be between 0 and 1: .* 0.3 for 30 %$"):
        call(30)


def after_the_warm_up(fraction):
    """The whole run is the warm-up, so that no coreset is chosen."""
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    how = {"optimizer": optimizer, "epochs": 1, "batch": 8, "rng": rng()}
    return robust_training.fit_crust(model, few_images(), fraction=fraction, warm_up=1, **how)


ROWS, LABELS = np.eye(6)[:, :3] + 1, np.array([0, 0, 0, 1, 1, 1])


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("fraction", lambda v: craig.craig(ROWS, LABELS, v)),
        ("fraction", lambda v: crust.crust(ROWS, LABELS, v)),
        ("fraction", lambda v: classes.size_of_share(v, 10)),
        ("fraction", lambda v: epic.Epic(v)),
        ("medoids", lambda v: epic.isolated(ROWS, LABELS, v)),
        ("fraction", lambda v: keep.easiest(np.arange(4.0), v)),
        ("fraction", lambda v: keep.hardest(np.arange(4.0), v)),
        ("fraction", lambda v: keep.window(np.arange(4.0), v, 0.1)),
        ("keep", lambda v: teacher_student.experiment(2, v, d=9, angle=0.1, rng=rng())),
        ("fraction", after_the_warm_up),
    ],
)
def test_a_share_of_the_examples_is_not_a_percentage(name, call):
    call(0.3)
    with pytest.raises(ValueError, match=rf"^{name}=30(\.0)? .*must be .*0\.3 for 30 %$"):
        call(30)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("start", lambda x: worst_case.averaged_sgd(lambda w: w, x, batch=1, steps=1, runs=1, rng=rng())),
        ("theta", lambda x: worst_case.linear_function_gaps(x, batch=1, steps=1, runs=1, rng=rng())),
        ("w", lambda x: stochastic.sample_gradients(F, x, 1, draws=1, rng=rng())),
        ("start", lambda x: shuffling.averaged_epochs(F, x, workers=2, eta=0.1, epochs=1, rng=rng())),
        ("c", lambda x: quadratics.accumulated_steps(np.eye(4), x, START, eta=0.1, T=1)),
        ("radii", lambda x: instances.disc_coverage(np.zeros((4, 2)), x, np.zeros((3, 2)))),
        ("gradients", lambda x: crust.singular_values(x[None])),
        ("gradients", lambda x: craig.represent(np.tile(x, (3, 1)), np.zeros(3, int), np.array([0]))),
        ("x", lambda x: bounds.log_slope(x, np.ones(4))),
        ("x", lambda x: teacher_student.train_student(x[:, None], np.ones(4))),
        ("feature", lambda x: spurious.noise_to_signal(x[None])),
        ("gradients", lambda x: poisoning.effective(x[None], np.ones(4))),
        ("x", lambda x: gradients.grand(net(), x[None], np.array([0]))),
    ],
)
def test_an_array_that_is_not_finite_is_named(name, call):
    call(np.arange(1.0, 5.0))
    with pytest.raises(ValueError, match=name):
        call(np.array([1.0, np.nan, 3.0, 4.0]))


# --- shapes and indices ---


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("y", lambda: clients.shards(Y[:, None], 2, 1, rng=rng())),
        ("y", lambda: clients.dirichlet(Y[:, None], 2, 1.0, rng=rng())),
        ("groups", lambda: clients.natural(Y[:, None])),
        ("y", lambda: data.label_noise(Y[:, None], 0.5, 3, rng=rng())),
        ("w", lambda: worst_case.Huber(1.0).value(np.ones(4))),
        ("w", lambda: worst_case.Huber(1.0).grad(np.ones(4))),
        ("w", lambda: worst_case.Huber(1.0).hessian(np.ones(4))),
        ("w", lambda: stochastic.sample_gradients(F, np.zeros((2, 4)), 1, draws=1, rng=rng())),
        ("y", lambda: robust_training.mixup_within_classes(G, Y[:1], rng=rng())),
        ("weight", lambda: gradients.feature_gradients(P, Y, np.ones((2, 5)))),
        ("gradients", lambda: craig.gradient_error(G[:2], craig.represent(G, Y, np.arange(5)))),
        ("sizes", lambda: densities.geometric_densities(np.zeros((0,)), 0.5, 2.0)),
        ("groups", lambda: spurious.group_means(np.ones(3), Y, 3)),
        ("groups", lambda: spurious.worst_group_accuracy(Y == 0, Y[:3])),
        ("groups", lambda: spurious.sampling_weights(Y[:, None], 1)),
        ("y", lambda: spurious.sampling_weights(Y, 1, Y[:2])),
        ("minority", lambda: spurious.group_recovery(Y, Y[:3] == 0, Y)),
    ],
)
def test_an_array_of_the_wrong_shape_is_named(name, call):
    with pytest.raises(ValueError, match=f"{name} of shape|{name} is "):
        call()


@pytest.mark.parametrize("wrong", [[-1, 0], [0, 99], [0.0, 1.0], [True, False]])
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("order", lambda i: staleness.delayed_sgd(SPARSE.x, SPARSE.y, i, np.zeros(2, int), eta=0.1)),
        (
            "parts",
            lambda i: shuffling.averaged_epochs(F, START, workers=2, eta=0.1, epochs=1, parts=i, rng=rng()),
        ),
        ("chosen", lambda i: craig.represent(G, Y, i)),
        ("chosen", lambda i: crust.exemplar_error(G, i)),
        ("indices", lambda i: functions.Modular(np.ones(3)).add(np.zeros(3, bool), i[np.argmax(i != 0)])),
        (
            "indices",
            lambda i: functions.LogDeterminant(np.eye(3)).add(
                functions.LogDeterminant(np.eye(3)).empty(), i[np.argmax(i != 0)]
            ),
        ),
    ],
)
def test_an_index_is_an_integer_from_0_to_n_minus_1(name, call, wrong):
    with pytest.raises(ValueError, match=name):
        call(np.array(wrong))


@pytest.mark.parametrize("tau", [[0, 2], [0, -1], [0.0, 0.5], [0]])
def test_a_delay_reaches_back_to_the_start_at_most(tau):
    with pytest.raises(ValueError, match="tau="):
        staleness.delayed_sgd(SPARSE.x, SPARSE.y, np.arange(2), np.array(tau), eta=0.1)


def test_marks_are_not_indices():
    with pytest.raises(ValueError, match="wrong is bool"):
        crust.clean_share(np.arange(3), Y == 1)
    with pytest.raises(ValueError, match="chosen is empty"):
        crust.clean_share(np.arange(0), np.arange(2))


# --- values of another kind ---


PAIR = (G, np.eye(3)[Y])
LEARN = {"epochs": 1, "batch": 4}


def rounds_of(clients=ONE_CLIENT, **changed):
    return federated.fedavg(clients, W, 1, **LOCAL | {"epochs": 1, "rng": rng()} | changed)


def fitted(**changed):
    model = net()
    given = {"data": few_images(), "optimizer": torch.optim.SGD(model.parameters(), lr=0.1), "rng": rng()}
    training.fit(**{"model": model} | given | LEARN | changed)


def is_refused(call, name, kind, allowed):
    with pytest.raises(ValueError, match=rf"^{name} is {kind}.*, and must (be|have) .*{allowed}"):
        call()


@pytest.mark.parametrize(
    "call",
    [
        rounds_of,
        lambda clients: federated.qffl(clients, W, 1, q=1, epochs=1, rng=rng(), **LOCAL),
        lambda clients: federated.qffl_exact(clients, W, q=1, l2=0.1),
        lambda clients: federated.distributed_sgd(clients, W, 1, rng=rng(), **LOCAL),
        lambda clients: next(
            federated.private_fedavg_rounds(
                clients, W, clip=1, noise=1, sampling=1, epochs=1, rng=rng(), **LOCAL
            )
        ),
        federated.clients.sizes,
        federated.clients.zeros,
        lambda clients: federated.model.losses(clients, W),
        lambda clients: federated.model.accuracies(clients, W),
    ],
)
def test_a_client_is_a_record_and_not_a_pair(call):
    call(ONE_CLIENT)
    for wrong, kind in ((PAIR, "a tuple"), (few_images(), "a Dataset"), (None, "None")):
        is_refused(partial(call, [*ONE_CLIENT, wrong]), r"clients\[1\]", kind, r"Client\(x, y\)")
    for wrong, kind in ((ONE_CLIENT[0], "a Client"), (few_images(), "a Dataset"), (None, "None")):
        is_refused(partial(call, wrong), "clients", kind, r"list, each a Client\(x, y\)")


@pytest.mark.parametrize(
    ("name", "wrong", "kind", "allowed"),
    [
        ("engine", "serial", "a str, 'serial'", r"SerialEngine\(\)"),
        ("engine", federated.SerialEngine, "the class SerialEngine", r"SerialEngine\(\)"),
        ("family", "softmax", "a str, 'softmax'", r"SoftmaxRegression\(\)"),
        ("stragglers", 0.5, "a float, 0.5", r"Partial\(fraction\)"),
    ],
)
def test_a_part_of_a_round_is_an_object_of_its_kind(name, wrong, kind, allowed):
    is_refused(partial(rounds_of, **{name: wrong}), name, kind, allowed)


@pytest.mark.parametrize(
    "wrong", [(G, r"an array of shape \(12, 4\)"), (2, "an int, 2"), (functions.Modular, "the class Modular")]
)
@pytest.mark.parametrize(
    "call",
    [
        lambda f: greedy.greedy(f, 2),
        lambda f: greedy.lazy_greedy(f, 2),
        lambda f: greedy.stochastic_greedy(f, 2, epsilon=0.1, rng=rng()),
        lambda f: greedy.top_k(f, 2),
        lambda f: greedy.random_subset(f, 2, rng=rng()),
        lambda f: greedy.brute_force(f, 2),
        lambda f: greedy.knapsack_greedy(f, 2, np.ones(14)),
        lambda f: greedy.greedy_rounds(f),
        lambda f: distributed.greedi(f, 2, 2, rng=rng()),
        lambda f: streaming.sieve_streaming(f, range(14), 2, 0.1),
        lambda f: functions.find_violation(f, rng=rng(), tries=2),
    ],
)
def test_what_is_maximised_is_a_set_function(call, wrong):
    call(SET)
    is_refused(partial(call, wrong[0]), "f", wrong[1], r"set function, such as Facility")


def test_features_are_no_similarity_and_the_message_names_the_way_out():
    with pytest.raises(ValueError, match=r"\(12, 4\), with an entry -.* FacilityLocation\.from_features"):
        functions.FacilityLocation(G)
    with pytest.raises(ValueError, match="similarity, a Dataset, must be a dense array"):
        functions.FacilityLocation(few_images())
    with pytest.raises(ValueError, match="similarity, a list, must be a dense array"):
        functions.FacilityLocation([[1, 2], [3]])
    assert functions.FacilityLocation.from_features(G).n == 12


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ("0.1", "a str, '0.1'"),
        (None, "None"),
        (b"1", "a bytes"),
        (["0.1"], "a list"),
        (1j, "a complex"),
        (10**400, "an int, 1000"),
        (np.array(["0.1"], object), r"an array of shape \(1,\)"),  # numpy makes 0.1 of it
        (np.array([None]), r"an array of shape \(1,\)"),  # and nan of this one
        (np.datetime64("2020"), "a datetime64, np.datetime64"),
        (torch.ones(1, requires_grad=True), r"a Tensor of shape \(1,\) that requires a gradient"),
    ],
)
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("eta", lambda v: steps.Adam(eta=v)),
        ("beta", lambda v: steps.Momentum(0.1, beta=v)),
        ("eta", lambda v: schedules.InverseRoot(v)),
        ("eta", lambda v: schedules.InverseTime(v, 1)),
        ("eta", lambda v: schedules.StepDecay(v, ())),
        ("eta", lambda v: checkpoints.step_decay(v, 2)),
        ("eta", lambda v: stochastic.sgd(F, START, eta=v, steps=1, rng=rng())),
        ("eta", lambda v: rounds_of(eta=v)),
        ("participation", lambda v: rounds_of(participation=v)),
        ("l2", lambda v: finite_sums.LeastSquares(G, G.sum(1), l2=v)),
        ("y", lambda v: finite_sums.LeastSquares(G[:1], np.array([v]) if v == 0.5 else v)),
        ("curvatures", lambda v: objectives.Quadratic([v] if v == 0.5 else v)),
        ("epsilon", lambda v: greedy.stochastic_greedy(SET, 2, epsilon=v, rng=rng())),
        ("epsilon", lambda v: streaming.sieve_streaming(SET, range(14), 2, v)),
        ("fraction", lambda v: keep.easiest(np.arange(4), v)),
        ("alpha", lambda v: clients.dirichlet(Y, 2, v, rng=rng())),
        ("spread", lambda v: cluster.Cluster(spread=v)),
    ],
)
def test_a_text_is_not_a_number(name, call, wrong, kind):
    call(0.5)
    is_refused(partial(call, wrong), name, kind, "a (single )?number")


@pytest.mark.parametrize("wrong", ["0.1", None, [0.1], np.ones(1)])
def test_where_one_number_belongs_the_message_does_not_allow_an_array(wrong):
    with pytest.raises(ValueError, match=r"fraction .* must be a single number$"):
        keep.easiest(np.arange(4), wrong)
    with pytest.raises(ValueError, match=r"error .* must be a single number$"):
        craig.craig_cover(G, Y, wrong)


def test_indices_of_several_lengths_or_of_nothing_are_told():
    with pytest.raises(ValueError, match="chosen has rows of several lengths"):
        craig.represent(G, Y, [[1], [1, 2]])
    with pytest.raises(ValueError, match=r"S of shape .* must be empty: there is nothing to choose from"):
        check_indices("S", [0], 0)


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ("Adam", "a str, 'Adam'"),
        (0.1, "a float, 0.1"),
        (steps.Adam, "the class Adam"),
        (torch.optim.SGD, "the class SGD"),
    ],
)
@pytest.mark.parametrize(
    "call",
    [
        lambda rule: steps.trajectory(rule, objectives.Beale(), (1, 1), 2),
        lambda rule: next(steps.descend(rule, lambda w: w, np.ones(2))),
        lambda rule: steps.torch_optimizer(net().parameters(), rule),
    ],
)
def test_a_step_rule_is_a_record(call, wrong, kind):
    call(steps.Adam(0.1))
    is_refused(partial(call, wrong), "rule", kind, r"step rule, such as Momentum\(0\.1\)")


@pytest.mark.parametrize("wrong", [lambda w: w, objectives.Beale], ids=["function", "class"])
def test_an_objective_has_a_gradient(wrong):
    call = partial(steps.trajectory, steps.GradientDescent(), wrong, (1, 1), 2)
    is_refused(call, "objective", "(a function|the class Beale)", "method grad")


@pytest.mark.parametrize("wrong", [(G, r"an array of shape \(12, 4\)"), (PAIR, "a tuple")])
@pytest.mark.parametrize(
    "call",
    [
        lambda f: stochastic.sgd(f, START, eta=0.1, steps=1, rng=rng()),
        lambda f: stochastic.svrg(f, START, eta=0.1, steps=1, rng=rng()),
        lambda f: stochastic.saga(f, START, eta=0.1, steps=1, rng=rng()),
        lambda f: stochastic.gradient_table(f, START),
        lambda f: stochastic.sample_gradients(f, START, 2, draws=2, rng=rng()),
        lambda f: shuffling.squared_distances(f, START, eta=0.1, epochs=1, rng=rng()),
    ],
)
def test_a_loss_is_a_mean_of_losses(call, wrong):
    call(F)
    is_refused(partial(call, wrong[0]), "f", wrong[1], r"mean of losses, such as LeastSquares\(x, y\)")


def test_schedules_and_samplings_are_functions_and_drops_a_sequence():
    is_refused(lambda: schedules.Held(0.1, 3), "schedule", "a float, 0.1", "function of k")
    sampled = partial(stochastic.sgd, F, START, eta=0.1, steps=1, rng=rng(), sampling="without")
    is_refused(sampled, "sampling", "a str, 'without'", "with_replacement")
    for call in (schedules.StepDecay, checkpoints.step_decay):
        with pytest.raises(ValueError, match="drops=3 must be a sequence of integers"):
            call(0.1, **{"drops": 3} | ({"steps": 5} if call is checkpoints.step_decay else {}))


@pytest.mark.parametrize(
    ("name", "wrong", "kind", "allowed"),
    [
        ("data", (G, Y), "a tuple", "Dataset"),
        ("model", G, r"an array of shape \(12, 4\)", "torch module"),
        ("model", torch.nn.Linear, "the class Linear", "torch module"),
        ("optimizer", torch.optim.SGD, "the class SGD", r"SGD\(model\.parameters\(\), lr=0\.1\)"),
        ("optimizer", steps.Adam(0.1), "an Adam", r"torch_optimizer\(model\.parameters\(\)"),
        ("coreset", np.arange(3), r"an array of shape \(3,\)", r"Coreset\(indices, weights\)"),
        ("mask", [torch.ones(3)], "a list", "dict of bool tensors"),
    ],
)
def test_what_is_trained_is_an_object_of_its_kind(name, wrong, kind, allowed):
    is_refused(partial(fitted, **{name: wrong}), name, kind, allowed)


@pytest.mark.parametrize(
    ("name", "kind", "allowed", "call"),
    [
        ("data", "a tuple", "Dataset", lambda: training.evaluate(net(), (G, Y))),
        ("model", "an array", "torch module", lambda: training.evaluate(G, few_images())),
        ("model", "an array", "torch module", lambda: gradients.grand(G, G, Y)),
        ("model", "an OrderedDict", "torch module", lambda: scores.magnitude(net().state_dict())),
        ("x", "an array", "tensor", lambda: scores.snip(net(), G, Y)),
        ("scores", "an array", r"magnitude\(model\)", lambda: masks.keep_top(G, 0.5)),
        (r"scores\['a'\]", "an array", "tensor", lambda: masks.keep_top({"a": G}, 0.5)),
        ("plan", "a Dataset", "TrainingPlan", lambda: tickets.imp(few_images(), net(), 1)),
        ("state", "a Sequential", r"Checkpoint\(0, model\)", lambda: checkpoints.advance(plan(), net(), 1)),
        ("eta", "a float, 0.1", "array", lambda: replace(plan(), eta=0.1)),
        ("correct", "a list", "bool array", lambda: difficulty.forgetting_events([[True], [False]])),
        ("probabilities", "an array", "real numbers", lambda: difficulty.el2n("p", Y)),
        ("data", "a tuple", "Dataset", lambda: federated.client_of(PAIR)),
        ("x", "a list", "array", lambda: data.Dataset([[1.0]], np.zeros(1, int), ("a",), "few")),
    ],
)
def test_networks_data_and_scores_are_objects_of_their_kind(name, kind, allowed, call):
    is_refused(call, name, kind, allowed)


def robust(method, data=None, **changed):
    model = net()
    given = {"optimizer": torch.optim.SGD(model.parameters(), lr=0.1), "rng": rng()}
    return method(model, few_images() if data is None else data, **given | LEARN | changed)


MASK = {"0.weight": torch.ones(5, 4, dtype=torch.bool)}
START_OF = checkpoints.Checkpoint(0, net())
OF_QUADRATICS = {"eta": 0.1, "T": 1}
EPOCHS = {"eta": 0.1, "epochs": 1}
OPTIMIZER = torch.optim.SGD(net().parameters(), lr=0.1)
BATCH = torch.ones(2, 4), torch.tensor([0, 1])


@pytest.mark.parametrize(
    ("name", "allowed", "call"),
    [
        ("settings", r"Crest\(threshold=0\.1\)", lambda v: robust(crest.crest, settings=v)),
        ("optimizer", r"SGD\(model\.parameters\(\), lr=0\.1\)", lambda v: robust(crest.crest, optimizer=v)),
        ("defence", r"Epic\(fraction=0\.2\)", lambda v: robust(robust_training.fit_epic, defence=v)),
        (
            "rule",
            r"GroupDRO\(eta=0\.01\)",
            lambda v: robust(group_dro.fit_group_dro, groups=Y, rule=v),
        ),
        (
            "optimizer",
            r"SGD\(model\.parameters\(\), lr=0\.1\)",
            lambda v: robust(group_dro.fit_group_dro, groups=Y, rule=spurious.GroupDRO(), optimizer=v),
        ),
        ("data", "Dataset", lambda v: robust(robust_training.fit_crust, v, fraction=0.5, warm_up=0)),
        ("data", "Dataset", lambda v: robust(robust_training.fit_epic, v, defence=epic.Epic())),
        ("data", "Dataset", lambda v: robust(robust_training.fit_sampled, v, probabilities=np.ones(12) / 12)),
        (
            "data",
            "Dataset",
            lambda v: robust(group_dro.fit_group_dro, v, groups=Y, rule=spurious.GroupDRO()),
        ),
        ("data", "Dataset", lambda v: poisoning.poisoned(v, poisoning.Poisons(np.arange(1), G[:1]))),
        ("poisons", "as craft returns them", lambda v: poisoning.poisoned(few_images(), v)),
        (
            "machine",
            r"Machine\(read=0\.5\)",
            lambda v: staleness.simulate(
                SPARSE.x, SPARSE.y, workers=1, epochs=1, eta=0.1, rng=rng(), machine=v
            ),
        ),
        (
            "weights_from",
            "Checkpoint",
            lambda v: tickets.retrain(plan(), MASK, weights_from=v, schedule_from=0, steps=1),
        ),
        ("early", "Checkpoint", lambda v: tickets.two_by_two(plan(), MASK, v, START_OF)),
        ("late", "Checkpoint", lambda v: tickets.two_by_two(plan(), MASK, START_OF, v)),
        ("ticket", "as imp returns them", lambda v: tickets.controls(plan(), v, net(), rng=rng())),
        ("ticket", "as imp returns them", lambda v: tickets.transfer(plan(), v)),
        ("plan", "TrainingPlan", lambda v: tickets.transfer(v, tickets.Ticket(MASK, START_OF, START_OF))),
        ("data", "Dataset", lambda v: replace(plan(), data=v)),
        ("optimizer", r"partial\(torch\.optim\.SGD, lr=0\.1\)", lambda v: replace(plan(), optimizer=v)),
        (
            "engine",
            r"SerialEngine\(\)",
            lambda v: federated.private_fedavg_rounds(
                ONE_CLIENT, W, clip=1, noise=1, sampling=1, epochs=1, rng=rng(), engine=v, **LOCAL
            ),
        ),
        ("family", r"SoftmaxRegression\(\)", lambda v: federated.model.losses(ONE_CLIENT, W, v)),
        ("family", r"SoftmaxRegression\(\)", lambda v: federated.model.gradient(ONE_CLIENT, W, v)),
        ("family", r"SoftmaxRegression\(\)", lambda v: federated.model.gradient_variance(ONE_CLIENT, W, v)),
        ("family", r"SoftmaxRegression\(\)", lambda v: federated.model.dissimilarity(ONE_CLIENT, W, v)),
        ("family", r"SoftmaxRegression\(\)", lambda v: federated.LocalSGD(0.1, 4, family=v)),
        (
            "clients",
            "QuadraticClients",
            lambda v: quadratics.local_paths(v, np.zeros(2), 1, **OF_QUADRATICS),
        ),
        ("clients", "QuadraticClients", lambda v: quadratics.fixed_point(v, **OF_QUADRATICS)),
        ("clients", "QuadraticClients", lambda v: quadratics.prox_fixed_point(v, 1.0)),
        ("clients", "QuadraticClients", lambda v: quadratics.contraction_factor(v, **OF_QUADRATICS)),
        (
            "local",
            r"LocalSGD\(eta=0\.1, batch=10\)",
            lambda v: federated.client_update(ONE_CLIENT[0], W, np.arange(12)[None], v),
        ),
        (
            "client",
            r"Client\(x, y\)",
            lambda v: federated.client_update(v, W, np.arange(12)[None], federated.LocalSGD(0.1, 4)),
        ),
        (
            "timeline",
            "update_timeline",
            lambda v: timelines.conflicting_reads(SPARSE.x, np.arange(8), v),
        ),
        ("timeline", "update_timeline", lambda v: timelines.speed_up_over_synchronous(v, 2)),
        ("cluster", r"gloo\(\)", federated.DistributedEngine),
        ("each", r"BatchedEngine\(\)", lambda v: federated.DistributedEngine(engines.SerialAllReduce(1), v)),
        (
            "data",
            "Ratings",
            lambda v: matrix_completion.complete(v, rank=1, threads=1, epochs=0, eta=0.1, rng=rng()),
        ),
        (
            "loss",
            r"Loss\.LOGISTIC",
            lambda v: hogwild.train(SPARSE.x, SPARSE.y, threads=1, epochs=0, eta=0.1, loss=v, rng=rng()),
        ),
        ("f", "LeastSquares", lambda v: shuffling.averaged_epochs(v, START, workers=2, rng=rng(), **EPOCHS)),
        ("f", "FacilityLocation", lambda v: distributed.greedi_on_parts(v, 1, [[0], [1]])),
        (r"parts\[1\]", "Modular", lambda v: functions.WeightedSum([SET, v], [1, 1])),
        ("coreset", "Coreset", lambda v: craig.gradient_bound(G, Y, v)),
        ("coreset", "Coreset", lambda v: craig.gradient_error(G, v)),
        ("data", "Dataset", lambda v: data.spurious_patch(v, 0.9, rng=rng())),
        ("plays", r"shakespeare\(\)", lambda v: text.next_character(v, 3)),
        (
            "data",
            "Dataset",
            lambda v: poisoning.craft(net(), v, G[0], 1, budget=0.1, epsilon=0.1, rng=rng()),
        ),
        ("model", "torch module", lambda v: checkpoints.Checkpoint(0, v)),
        ("model", "torch module", lambda v: tickets.imp(plan(), v, 1)),
        (
            "model",
            "torch module",
            lambda v: first_order.FirstOrder(v, torch.ones(2, 4), torch.ones(2).long()),
        ),
        ("model", "torch module", lambda v: metrics.efficiency(v, MASK, torch.ones(1, 4))),
        ("model", "torch module", lambda v: metrics.uses(v, torch.ones(1, 4))),
        ("model", "torch module", lambda v: masks.apply_(v, MASK)),
        ("model", "torch module", lambda v: training.train_step(v, OPTIMIZER, *BATCH)),
        ("optimizer", "torch optimizer", lambda v: training.train_step(net(), v, *BATCH)),
        ("optimizer", "torch optimizer", lambda v: training.set_step_size_(v, 0.1)),
        ("optimizer", "torch optimizer", lambda v: masks.keep_zero(v, net(), {})),
        (
            "fresh",
            "torch module",
            lambda v: tickets.controls(plan(), tickets.Ticket(MASK, START_OF, START_OF), v, rng=rng()),
        ),
    ],
)
def test_a_dict_is_none_of_the_records_of_settings_runs_and_data(name, allowed, call):
    is_refused(lambda: call({"threshold": 0.1}), name, "a dict", allowed)


SHARED = {"eta": 0.1, "steps": 1, "batch": 4}


@pytest.mark.parametrize(
    ("wrong", "kind"), [("central", "a str, 'central'"), ({}, "a dict"), (None, "None")], ids=repr
)
@pytest.mark.parametrize(
    ("name", "allowed", "call"),
    [
        ("choose", "central", lambda v: crust.crust(G, Y, 0.5, choose=v)),
        ("objective", "facility_location", lambda v: craig.craig(G, Y, 0.5, objective=v)),
        ("maximize", "lazy_greedy", lambda v: craig.craig(G, Y, 0.5, maximize=v)),
        ("score", "magnitude", lambda v: masks.prune(net(), v, [0.5])),
        ("score", "magnitude", lambda v: tickets.imp(plan(), net(), 1, score=v)),
        ("grad", r"Beale\(\)\.grad", lambda v: next(steps.descend(steps.Momentum(0.1), v, np.ones(2)))),
        (
            "slope",
            "derivative of f",
            lambda v: worst_case.averaged_sgd(v, START, batch=1, steps=1, runs=1, rng=rng()),
        ),
        (
            "sampling",
            "with_replacement",
            lambda v: stochastic.sample_gradients(F, START, 2, draws=2, rng=rng(), sampling=v),
        ),
        ("function", "such as len", lambda v: functions.ByValue(3, v)),
        (
            "make",
            r"mlps\(\(784, 100, 10\)\)",
            lambda v: early_training.early_probabilities(
                v, few_images(), runs=1, epochs=0, eta=0.1, batch=4, rng=rng()
            ),
        ),
        ("concave", r"np\.sqrt", lambda v: functions.FeatureBased(np.abs(G), v)),
        ("schedule", "function of k", lambda v: schedules.Held(v, 3)),
        (
            "sampling",
            "with_replacement",
            lambda v: stochastic.sgd(F, START, eta=0.1, steps=1, rng=rng(), sampling=v),
        ),
        (
            "engine",
            r"SerialAllReduce\(4\)",
            lambda v: synchronous.synchronous_sgd(F, START, engine=v, rng=rng(), **SHARED),
        ),
    ],
)
def test_a_function_or_an_engine_is_passed_itself_and_not_its_name(name, allowed, call, wrong, kind):
    is_refused(lambda: call(wrong), name, kind, allowed)


@pytest.mark.parametrize(
    "call",
    [
        lambda v: robust(robust_training.fit_crust, fraction=0.5, warm_up=0, watch=v),
        lambda v: robust(robust_training.fit_epic, defence=epic.Epic(), watch=v),
        lambda v: robust(robust_training.fit_sampled, probabilities=np.ones(12) / 12, watch=v),
        lambda v: robust(group_dro.fit_group_dro, groups=Y, rule=spurious.GroupDRO(), watch=v),
    ],
)
def test_what_watches_a_training_is_a_function_or_nothing(call):
    call(None)
    is_refused(partial(call, "accuracy"), "watch", "a str, 'accuracy'", "function of the model, or None")


@pytest.mark.parametrize("wrong", ["processes", 2])
def test_an_executor_has_a_map(wrong):
    is_refused(
        lambda: distributed.greedi(SET, 2, 2, rng=rng(), executor=wrong),
        "executor",
        "an? (str|int)",
        "ProcessPoolExecutor",
    )


@pytest.mark.parametrize(("of", "kind"), [(list, "a list"), (torch.tensor, "a Tensor of shape")])
@pytest.mark.parametrize(
    ("name", "call"),
    [
        (
            "groups",
            lambda y: robust(group_dro.fit_group_dro, groups=y, rule=spurious.GroupDRO()),
        ),
        ("groups", lambda y: spurious.group_means(np.ones(12), y, 3)),
        ("groups", lambda y: spurious.worst_group_accuracy(np.ones(12, bool), y)),
        ("found", lambda y: spurious.group_recovery(y, np.ones(12, bool), Y)),
        ("y", lambda y: spurious.group_recovery(Y, np.ones(12, bool), y)),
        ("y", lambda y: check_labels(y, (12,), 3)),
    ],
)
def test_labels_and_groups_are_an_array(name, call, of, kind):
    call(Y)
    is_refused(lambda: call(of(Y)), name, kind, "an array")


# --- types of labels, and masks ---


@pytest.mark.parametrize("dtype", [np.uint8, bool, np.int32, np.float32])
def test_a_label_of_any_type_has_the_same_loss(dtype):
    z, y = np.array([-1.0, 2.0]), np.ones(2)
    assert losses.logistic(z, y.astype(dtype)) == pytest.approx(losses.logistic(z, y))
    assert losses.logistic_derivative(z, y.astype(dtype)) == pytest.approx(losses.logistic_derivative(z, y))


def test_labels_that_are_not_integers_are_refused_by_every_loss():
    with pytest.raises(ValueError, match="labels must be integers"):
        training.losses(torch.zeros(2, 3), torch.tensor([0.0, 1.7]))


@pytest.mark.parametrize(
    "mask",
    [
        {"hidden9.weight": torch.ones(5, 4, dtype=torch.bool)},
        {"hidden1.weight": torch.ones(2, 2, dtype=torch.bool)},
        {"hidden1.weight": torch.ones(5, 4)},
    ],
)
def test_a_mask_of_another_model_saves_nothing(mask):
    for count in (metrics.compression, lambda m, s: metrics.macs(m, s, torch.ones(1, 4))):
        with pytest.raises(ValueError, match="mask"):
            count(net(), mask)


def test_pixels_mean_the_same_to_grand_as_to_fit():
    """uint8 pixels are divided by 255 everywhere."""
    pixels = np.random.default_rng(2).integers(256, size=(12, 4), dtype=np.uint8)
    scaled = (pixels / 255).astype(np.float32)
    np.testing.assert_allclose(
        gradients.grand(net(), pixels, Y), gradients.grand(net(), scaled, Y), rtol=1e-5
    )


def test_multiplications_need_an_example():
    with pytest.raises(ValueError, match="x of shape"):
        metrics.macs(net(), {}, torch.ones(0, 4))


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("redundancy", lambda f: functions.GraphCut(np.eye(3), "half")),
        ("weights", lambda f: functions.WeightedSum([f], None)),
        ("weights", lambda f: functions.WeightedSum([f], ["half"])),
        ("weights", lambda f: functions.WeightedSum([f], np.array([[1.0]]))),
        ("parts", lambda f: functions.WeightedSum(f, [1.0])),
        ("parts", lambda f: distributed.greedi_on_parts(f, 2, None)),
        ("stream", lambda f: streaming.sieve_streaming(f, None, 2, 0.1)),
        ("stream", lambda f: streaming.sieve_streaming(f, 3, 2, 0.1)),
        ("sizes", lambda f: s2l.quotas(["three"], 2)),
        ("cluster", lambda f: s2l.from_clusters(np.array([], int), 0, rng=np.random.default_rng(0))),
        ("x", lambda f: gradients.grand(torch.nn.Linear(4, 3), None, np.array([0]))),
        ("y", lambda f: gradients.grand(torch.nn.Linear(4, 3), np.ones((1, 4)), 0)),
    ],
)
def test_what_is_no_sequence_or_no_number_is_named(name, call):
    with pytest.raises(ValueError, match=name):
        call(functions.Modular([1.0, 2.0, 3.0]))
