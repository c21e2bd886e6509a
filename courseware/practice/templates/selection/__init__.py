"""Data selection: difficulty, coresets and robustness."""

from courseware.practice.templates.selection import coresets, judge, reasons, robust, scores, show, situations

TEMPLATES = (
    scores.TEMPLATES
    + coresets.TEMPLATES
    + robust.TEMPLATES
    + judge.TEMPLATES
    + reasons.TEMPLATES
    + situations.TEMPLATES
    + show.TEMPLATES
)
