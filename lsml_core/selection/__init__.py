"""Data selection: which examples a network needs, which are redundant, and which may have wrong labels.

Needs numpy only; torch is imported where a network is evaluated or trained.
"""

from lsml_core.selection import difficulty, early_training, gradients, keep, teacher_student

__all__ = ["difficulty", "early_training", "gradients", "keep", "teacher_student"]
