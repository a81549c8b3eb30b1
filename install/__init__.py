"""The installer: `python3 install`. Standard library only."""
