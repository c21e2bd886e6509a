"""Loss trajectories of causal language models: one written here, and Hugging Face's where installed."""

import numpy as np
import pytest
import torch

from lsml_core.models import transformer
from lsml_core.selection.language_models import text_losses, trajectories
from lsml_core.selection.s2l import s2l

TEXTS = [
    "the cat sat",
    "the dog sat on the cat",
    "a cat",
    "on the mat the dog sat on the mat",
    "dog dog dog dog",
]
WORDS = {word: i for i, word in enumerate(sorted({word for text in TEXTS for word in text.split()}))}


def tokenizer(text):
    return {"input_ids": [WORDS[word] for word in text.split()]}


class Causal(torch.nn.Module):
    """The course's transformer, called as Hugging Face's models are."""

    def __init__(self, seed=0):
        super().__init__()
        self.inner = transformer(len(WORDS), 16, width=8, heads=2, layers=1, rng=np.random.default_rng(seed))

    def forward(self, input_ids, attention_mask):
        del attention_mask
        return type("Output", (), {"logits": self.inner(input_ids)})


def by_definition(model, text, most=512):
    tokens = torch.tensor([tokenizer(text)["input_ids"][:most]])
    with torch.no_grad():
        log_p = model.inner(tokens).log_softmax(-1)[0]
    return -np.mean([float(log_p[t, tokens[0, t + 1]]) for t in range(tokens.shape[1] - 1)])


@pytest.mark.parametrize("batch", [1, 2, 16])
def test_a_loss_is_the_mean_over_the_texts_own_next_tokens_whatever_it_is_padded_with(batch):
    model = Causal()
    expected = [by_definition(model, text) for text in TEXTS]
    np.testing.assert_allclose(text_losses(model, tokenizer, TEXTS, batch=batch), expected, rtol=1e-5)


def test_long_texts_are_cut():
    model = Causal()
    found = text_losses(model, tokenizer, TEXTS, most_tokens=3)
    np.testing.assert_allclose(found, [by_definition(model, text, 3) for text in TEXTS], rtol=1e-5)


def test_a_text_without_a_next_token_is_named():
    with pytest.raises(ValueError, match="'cat' has 1 tokens"):
        text_losses(Causal(), tokenizer, ["the cat", "cat"])


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("checkpoints", "texts", "message"),
    [
        ([], TEXTS, "checkpoints is empty"),
        ("nowhere", TEXTS, "checkpoints='nowhere' must be a list of folders"),
        (["nowhere"], TEXTS, "'nowhere' is not a folder that `save_pretrained` wrote"),
        (["."], [], "texts is empty"),
        (["."], "the cat", "texts='the cat' must be a list of strings"),
    ],
)
def test_what_cannot_be_read_is_named(checkpoints, texts, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.json").touch()
    with pytest.raises(ValueError, match=message):
        trajectories(checkpoints, texts)


def test_checkpoints_of_hugging_face_are_read_in_the_order_given(tmp_path):
    """A tiny model of random weights and a tokenizer of these words, written and read on this machine."""
    transformers = pytest.importorskip(
        "transformers", reason="transformers is not installed: loading its checkpoints is NOT tested here"
    )
    tokenizers = pytest.importorskip("tokenizers")
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({**WORDS, "?": len(WORDS)}, unk_token="?"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=words, unk_token="?")
    config = transformers.GPT2Config(
        vocab_size=len(WORDS) + 1,
        n_positions=16,
        n_embd=8,
        n_layer=1,
        n_head=2,
        bos_token_id=0,
        eos_token_id=0,
    )
    folders, expected = [tmp_path / name for name in ("step 1000", "step 500")], []
    for seed, folder in enumerate(folders):
        torch.manual_seed(seed)
        model = transformers.GPT2LMHeadModel(config)
        model.save_pretrained(folder)
        fast.save_pretrained(folder)
        expected.append(text_losses(model, fast, TEXTS))
    found = trajectories(folders, TEXTS, batch=2)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert len(s2l(found, 3, 2, rng=np.random.default_rng(0))) == 3
