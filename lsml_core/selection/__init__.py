"""Data selection: which examples a network needs, which it could do without, and which it should not trust.

Needs numpy only; torch is imported where a network is asked or trained.
"""

from lsml_core.selection import difficulty, early, gradients, keep, teacher_student

__all__ = ["difficulty", "early", "gradients", "keep", "teacher_student"]
