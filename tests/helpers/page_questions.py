"""A few templates for the practice page, at least one of each kind of answer, and one with a picture."""

from courseware.practice import all_templates

NAMES = (
    "two_nesterov_steps",
    "is_it_submodular",
    "which_schedules_converge",
    "pruning_criteria_and_claims",
    "show_greedy_guarantee",
    "read_large_batches",
)


def few_templates():
    return [template for template in all_templates() if template.id in NAMES]
