"""The non-local Bayes fill: thin holes estimated from what similar places near by have in common."""
