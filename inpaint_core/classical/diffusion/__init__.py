"""The diffusion family: fills that solve a partial differential equation in the hole."""
