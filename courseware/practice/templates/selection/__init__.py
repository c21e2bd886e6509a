"""Data selection: difficulty, coresets and robustness."""

from courseware.practice.templates.selection import coresets, judge, robust, scores, show

TEMPLATES = scores.TEMPLATES + coresets.TEMPLATES + robust.TEMPLATES + judge.TEMPLATES + show.TEMPLATES
