"""Loss trajectories of a causal language model of Hugging Face, for `s2l`: needs the extra `language`.

    texts         n strings                      checkpoints   folders that `save_pretrained` wrote, in order
    trajectory    mean loss per token of a text at every checkpoint, a column of (checkpoints, n)

`trajectories(checkpoints, texts)` goes into `s2l`. A small model that was fine-tuned on the texts provides
it, and the subset trains a larger one. Yang, Mishra, Chiang & Mirzasoleiman (NeurIPS 2024) take Pythia-70M
and save a checkpoint every 500 steps.
"""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, SupportsIndex

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.validation import check_count, check_function, check_kind

Folder = str | PathLike[str]


def trajectories(
    checkpoints: Sequence[Folder],
    texts: Sequence[str],
    *,
    tokenizer: Any = None,
    batch: SupportsIndex = 16,
    most_tokens: SupportsIndex = 512,
) -> Float[ndarray, "checkpoints n"]:
    """Mean loss per token of every text at every checkpoint.

    checkpoints: folders, in the order of training; they are read as given and never sorted by name, in which
    order checkpoint-1000 would come before checkpoint-500.
    texts: the examples.   tokenizer: None loads that of the first checkpoint.
    batch: texts per forward pass.   most_tokens: longer texts are cut.
    Nothing is downloaded: the folders must be on this machine.   One model is in memory at a time.
    ValueError: no checkpoint, no text, a string in place of a list, a folder without the file config.json, or
    a text of fewer than two tokens.
    ImportError: transformers is not installed.
    """
    folders = _folders(checkpoints)
    _check_texts(texts)
    transformers = _transformers()
    if tokenizer is None:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folders[0], local_files_only=True)
    load = transformers.AutoModelForCausalLM.from_pretrained
    return np.array(
        [
            text_losses(
                load(folder, local_files_only=True), tokenizer, texts, batch=batch, most_tokens=most_tokens
            )
            for folder in folders
        ]
    )


def text_losses(
    model: Any,
    tokenizer: Any,
    texts: Sequence[str],
    *,
    batch: SupportsIndex = 16,
    most_tokens: SupportsIndex = 512,
) -> Float[ndarray, " n"]:
    """Mean cross-entropy of the next token over each text, in evaluation mode.

    texts: n strings.
    model: a causal language model: its output has `logits`, (b, time, vocabulary).
    tokenizer: called with one text, it returns `input_ids`.   batch, most_tokens: as in `trajectories`.
    Texts are padded at the end; a causal model's losses before the padding do not depend on it.
    ValueError: no text, a string in place of a list, or a text of fewer than two tokens.
    """
    import torch  # lazy import: s2l itself needs numpy only

    from lsml_core.evaluation import in_mode

    check_kind("model", model, torch.nn.Module, "a causal language model, a torch module")
    check_function("tokenizer", tokenizer, "a function of a text, such as a tokenizer of transformers")
    _check_texts(texts)
    batch, most = check_count("batch", batch), check_count("most_tokens", most_tokens, 2)
    ids = [list(tokenizer(text)["input_ids"])[:most] for text in texts]
    for text, tokens in zip(texts, ids, strict=True):
        if len(tokens) < 2:
            raise ValueError(f"text {text!r} has {len(tokens)} tokens; it must have two or more")
    device, found = next(model.parameters()).device, []
    with in_mode(model, training=False), torch.no_grad():
        for first in range(0, len(ids), batch):
            some = ids[first : first + batch]
            x = torch.zeros((len(some), max(map(len, some))), dtype=torch.int64)
            real = torch.zeros_like(x)
            for row, tokens in enumerate(some):
                x[row, : len(tokens)] = torch.tensor(tokens)
                real[row, : len(tokens)] = 1
            x, real = x.to(device), real.to(device)
            logits = model(input_ids=x, attention_mask=real).logits
            each = torch.nn.functional.cross_entropy(
                logits[:, :-1].transpose(1, 2).float(), x[:, 1:], reduction="none"
            )
            found.append((each * real[:, 1:]).sum(dim=1) / real[:, 1:].sum(dim=1))
    return torch.cat(found).cpu().numpy()


def _folders(checkpoints: Sequence[Folder]) -> list[Path]:
    if isinstance(checkpoints, str | PathLike):
        raise ValueError(f"checkpoints={checkpoints!r} must be a list of folders, in the order of training")
    if not len(checkpoints):
        raise ValueError("checkpoints is empty: at least one folder is needed")
    folders = [Path(folder) for folder in checkpoints]
    for folder in folders:  # else transformers takes it for a name on the hub, and reports a lost connection
        if not (folder / "config.json").is_file():
            raise ValueError(
                f"checkpoints: {str(folder)!r} is not a folder that `save_pretrained` wrote: "
                "it has no config.json"
            )
    return folders


def _check_texts(texts: Sequence[str]) -> None:
    if isinstance(texts, str):
        raise ValueError(f"texts={texts!r} must be a list of strings")
    if not len(texts):
        raise ValueError("texts is empty: at least one text is needed")


def _transformers() -> Any:
    try:
        import transformers  # pyright: ignore[reportMissingImports] - an optional extra
    except ImportError as error:
        raise ImportError(
            "language models need transformers, which the extra `language` installs: "
            'pip install -e ".[language]"'
        ) from error
    return transformers
