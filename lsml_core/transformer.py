"""A causal language model: `transformer(65, 64, width=64, heads=4, layers=2, rng=rng)`.

n    sequences in the batch          time   tokens of each, at most `context`
x    hidden vectors, (n, time, width)
"""

import numpy as np
import torch.nn.functional as F
from jaxtyping import Float, Real
from torch import Tensor, nn

from lsml_core.initialization import BLANK, initialised
from lsml_core.validation import Count, check_count


def transformer(
    vocabulary: Count, context: Count, *, width: Count, heads: Count, layers: Count, rng: np.random.Generator
) -> nn.Module:
    """Causal language model: tokens (n, time) -> next-token logits (n, time, vocabulary), time ≤ context.

    vocabulary: number of tokens.   context: longest input.   width: of the hidden vectors.
    heads: of the attention, a divisor of width.   layers: number of blocks, 0 or more.
    Pre-norm blocks, learned positions, ReLU in the feed-forward part (4·width wide).
    Logits at time t depend on tokens 0 … t only, so one pass scores every prefix at once.
    Vaswani et al. (NeurIPS 2017), "Attention Is All You Need".
    """
    vocabulary, context = check_count("vocabulary", vocabulary), check_count("context", context)
    width, heads, layers = (
        check_count("width", width),
        check_count("heads", heads),
        check_count("layers", layers, 0),
    )
    if width % heads:
        raise ValueError(f"heads={heads} must divide width={width}")
    with BLANK:
        model = _Transformer(vocabulary, context, width, heads, layers)
    return initialised(model, rng)


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)

    def forward(self, x: Float[Tensor, "n time width"]) -> Float[Tensor, "n time width"]:
        per_head = self.query_key_value(x).unflatten(-1, (3, self.heads, -1))
        query, key, value = per_head.permute(2, 0, 3, 1, 4)  # each (n, heads, time, width/heads)
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.mix(seen.transpose(1, 2).flatten(2))


class _Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), _Attention(width, heads)
        self.norm2, self.hidden = nn.LayerNorm(width), nn.Linear(width, 4 * width)
        self.mix = nn.Linear(4 * width, width)

    def forward(self, x: Float[Tensor, "n time width"]) -> Float[Tensor, "n time width"]:
        x = x + self.attention(self.norm1(x))
        return x + self.mix(self.hidden(self.norm2(x)).relu())


class _Transformer(nn.Module):
    def __init__(self, vocabulary: int, context: int, width: int, heads: int, layers: int) -> None:
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Embedding(context, width)
        self.blocks = nn.Sequential(*(_Block(width, heads) for _ in range(layers)))
        self.norm = nn.LayerNorm(width)
        self.output = nn.Linear(width, vocabulary)

    def forward(self, tokens: Real[Tensor, "n time"]) -> Float[Tensor, "n time vocabulary"]:
        context, time = self.position.num_embeddings, tokens.shape[1]
        if time > context:
            raise ValueError(f"tokens has {time} time steps, and context={context} is the most")
        x = self.token(tokens.long()) + self.position.weight[:time]  # a Dataset keeps tokens as float32
        return self.output(self.norm(self.blocks(x)))
