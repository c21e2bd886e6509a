"""Data that every lecture can count on: images, text, clients to deal them to, and ways to spoil them."""

from lsml_core.data import clients
from lsml_core.data.corruption import NoisyLabels, Spurious, label_noise, spurious_patch
from lsml_core.data.datasets import CLASSES, Dataset, load
from lsml_core.data.text import (
    BagOfWords,
    NextCharacter,
    Plays,
    bag_of_words,
    next_character,
    shakespeare,
)

__all__ = [
    "CLASSES",
    "BagOfWords",
    "Dataset",
    "NextCharacter",
    "NoisyLabels",
    "Plays",
    "Spurious",
    "bag_of_words",
    "clients",
    "label_noise",
    "load",
    "next_character",
    "shakespeare",
    "spurious_patch",
]
