"""Exemplar-based fill: pieces of the photograph itself, found by PatchMatch at several scales."""
