"""Measuring fills: test masks and measures."""
