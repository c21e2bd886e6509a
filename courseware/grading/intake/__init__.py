"""From any file that a student hands in to the cells of their answers: find, parse, match, rebuild."""
