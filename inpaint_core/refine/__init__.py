"""Fills by networks, finished at the photograph's own resolution: what joins `deep` and `classical`."""
