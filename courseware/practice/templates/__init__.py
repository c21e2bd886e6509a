"""The question templates, a package per topic: what is computed, what is decided, and what is shown on paper."""
