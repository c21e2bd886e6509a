import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lsml_core.initialization import torch_generator
from lsml_core.models import convnet, linear, mlp, transformer, vgg16

BUILDERS = {
    "linear": lambda rng: linear(64, 10, rng=rng),
    "mlp": lambda rng: mlp((64, 32, 16, 10), rng=rng),
    "convnet": lambda rng: convnet(8, 10, channels=(4, 8), rng=rng),
    "convnet with batch norm": lambda rng: convnet(8, 10, batch_norm=True, rng=rng),
    "transformer": lambda rng: transformer(11, 6, width=8, heads=2, layers=2, rng=rng),
}
every_network = pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)


def tensors(model: nn.Module) -> list[Tensor]:
    return list(model.state_dict().values())


@every_network
def test_the_same_rng_gives_the_same_network_bit_for_bit(build):
    first, again, other = (build(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(tensors(first), tensors(again), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(tensors(first), tensors(other), strict=True))


@every_network
def test_the_global_torch_stream_is_neither_read_nor_advanced(build):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = build(np.random.default_rng(0))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    again = build(np.random.default_rng(0))
    assert all(torch.equal(a, b) for a, b in zip(tensors(first), tensors(again), strict=True))


@every_network
def test_the_numpy_stream_moves_on_so_two_networks_from_one_rng_differ(build):
    rng = np.random.default_rng(0)
    assert not all(torch.equal(a, b) for a, b in zip(tensors(build(rng)), tensors(build(rng)), strict=True))


def test_a_torch_generator_depends_on_the_rng_alone():
    draws = [torch.rand(3, generator=torch_generator(np.random.default_rng(seed))) for seed in (5, 5, 6)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


@pytest.mark.parametrize("name", ["hidden1", "hidden2", "conv1", "conv2"])
def test_weights_in_front_of_a_relu_have_variance_two_over_fan_in(name):
    rng = np.random.default_rng(0)
    networks = nn.ModuleList([mlp((300, 200, 100, 10), rng=rng), convnet(4, 10, channels=(300, 50), rng=rng)])
    layer = networks["conv" in name].get_submodule(name)
    fan_in = layer.weight[0].numel()
    spread = 6 / layer.weight.numel() ** 0.5  # more than four standard errors of a variance, √2/√N each
    assert layer.weight.var().item() == pytest.approx(2 / fan_in, rel=spread)
    assert not layer.bias.any()


def test_the_output_layer_has_variance_one_over_fan_in():
    weight = mlp((900, 50), rng=np.random.default_rng(0)).output.weight
    assert weight.var().item() == pytest.approx(1 / 900, rel=6 / weight.numel() ** 0.5)


@torch.no_grad()
def test_a_deep_network_keeps_the_size_of_its_signal_where_the_torch_default_loses_it():
    x = torch.randn(200, 256, generator=torch.Generator().manual_seed(0))
    kaiming = mlp((256,) * 12, rng=np.random.default_rng(0))
    default = mlp((256,) * 12, rng=np.random.default_rng(0))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        [layer.reset_parameters() for layer in default if isinstance(layer, nn.Linear)]
    hidden = lambda model: model[:-1](x).square().mean().item()  # E x² = 1 in front
    assert 0.5 < hidden(kaiming) < 2
    assert hidden(default) < 0.05


@pytest.mark.parametrize("colors", [1, 3])
@pytest.mark.parametrize("batch_norm", [False, True])
@torch.no_grad()
def test_a_convnet_reads_every_layout_of_the_same_pixels_alike(colors, batch_norm):
    model = convnet(10, 7, colors=colors, batch_norm=batch_norm, rng=np.random.default_rng(0))
    x = torch.randn(5, colors, 10, 10, generator=torch.Generator().manual_seed(0))
    logits = model(x)
    assert logits.shape == (5, 7)
    assert torch.equal(model(x.flatten(1)), logits)
    if colors == 1:
        assert torch.equal(model(x.squeeze(1)), logits)


@torch.no_grad()
def test_dense_networks_read_images_as_flat_rows():
    model = mlp((16, 5, 3), rng=np.random.default_rng(0))
    x = torch.randn(4, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(model(x), model(x.flatten(1)))


def test_parameters_have_names_one_can_read():
    rng = np.random.default_rng(0)
    names = lambda model: [name for name, _ in model.named_parameters() if name.endswith("weight")]
    assert names(linear(4, 2, rng=rng)) == ["output.weight"]
    assert names(mlp((4, 3, 3, 2), rng=rng)) == ["hidden1.weight", "hidden2.weight", "output.weight"]
    assert names(convnet(4, 2, batch_norm=True, rng=rng)) == [
        *("conv1.weight", "norm1.weight", "conv2.weight", "norm2.weight", "output.weight")
    ]
    twice = convnet(4, 2, channels=(3, 5), repeats=(2, 1), rng=rng)
    assert names(twice) == ["conv1.weight", "conv2.weight", "conv3.weight", "output.weight"]
    assert [w.shape[:2] for w in twice.parameters() if w.ndim == 4] == [(3, 1), (3, 3), (5, 3)]


def test_vgg_16_has_the_usual_number_of_parameters():
    """14,728,266 as it is counted for CIFAR-10, with a bias beside each norm, which ours leaves out."""
    model = vgg16(10, rng=np.random.default_rng(0))
    assert sum(p.numel() for p in model.parameters()) == 14_728_266 - 4_224
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


@torch.no_grad()
def test_a_later_token_changes_no_earlier_logit_and_an_earlier_one_changes_all_later_ones():
    model = transformer(13, 9, width=16, heads=4, layers=3, rng=np.random.default_rng(0))
    tokens = torch.from_numpy(np.random.default_rng(1).integers(0, 13, (2, 9)))
    logits = model(tokens)
    assert logits.shape == (2, 9, 13)
    for t in range(9):
        changed = tokens.clone()
        changed[:, t] = (changed[:, t] + 1) % 13
        moved = (model(changed) - logits).abs().amax(dim=(0, 2))
        assert (moved[:t] < 1e-5).all()
        assert (moved[t:] > 1e-4).all()


@torch.no_grad()
def test_a_prefix_has_the_logits_it_has_inside_the_longer_text():
    model = transformer(13, 9, width=16, heads=4, layers=2, rng=np.random.default_rng(0))
    tokens = torch.from_numpy(np.random.default_rng(1).integers(0, 13, (2, 9)))
    torch.testing.assert_close(model(tokens[:, :5]), model(tokens)[:, :5])


@torch.no_grad()
def test_attention_is_softmax_of_scaled_products_over_the_past():
    model = transformer(13, 6, width=12, heads=3, layers=1, rng=np.random.default_rng(0)).double()
    attention = model.blocks[0].attention
    x = torch.randn(2, 6, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    query, key, value = (part.view(2, 6, 3, 4) for part in attention.query_key_value(x).split(12, dim=-1))
    by_hand = torch.zeros(2, 6, 3, 4, dtype=torch.float64)
    for t in range(6):
        scores = torch.einsum("nhd,nshd->nhs", query[:, t], key[:, : t + 1]) / 4**0.5
        by_hand[:, t] = torch.einsum("nhs,nshd->nhd", scores.softmax(-1), value[:, : t + 1])
    torch.testing.assert_close(attention(x), attention.mix(by_hand.flatten(2)))


@torch.no_grad()
def test_tokens_may_be_kept_as_float32():
    model = transformer(13, 6, width=8, heads=2, layers=1, rng=np.random.default_rng(0))
    tokens = torch.arange(6)[None]
    assert torch.equal(model(tokens.float()), model(tokens))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda rng: mlp((5,), rng=rng), "sizes=.*at least the inputs and the classes"),
        (lambda rng: mlp((5, 0, 2), rng=rng), r"sizes=\(5, 0, 2\) must be integers, each at least 1"),
        (lambda rng: linear(0, 2, rng=rng), r"sizes=\(0, 2\)"),
        (lambda rng: convnet(3, 2, rng=rng), "side=3 cannot be halved 2 times"),
        (lambda rng: convnet(8, 2, channels=(4, -1), rng=rng), "channels="),
        (lambda rng: convnet(8, 2, colors=0, rng=rng), "colors="),
        (lambda rng: convnet(8, 2, repeats=(1, 0), rng=rng), "repeats="),
        (lambda rng: convnet(8, 2, repeats=(2,), rng=rng), r"repeats=\(2,\) must have an entry for each"),
        (lambda rng: transformer(5, 4, width=6, heads=4, layers=1, rng=rng), "heads=4 must divide width=6"),
        (lambda rng: transformer(5, 0, width=4, heads=2, layers=1, rng=rng), "context="),
        (lambda rng: transformer(5, 4, width=4, heads=2, layers=-1, rng=rng), "layers=-1"),
    ],
)
def test_sizes_that_make_no_network_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build(np.random.default_rng(0))


def test_a_text_longer_than_the_context_is_refused():
    model = transformer(13, 6, width=8, heads=2, layers=1, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="7 time steps, and context=6"):
        model(torch.zeros(1, 7, dtype=torch.long))
