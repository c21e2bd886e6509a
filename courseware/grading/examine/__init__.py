"""The checks run here and the answers there: an examiner asks, and a respondent answers from the sandbox."""
