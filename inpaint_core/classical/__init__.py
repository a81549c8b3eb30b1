"""Methods that need no model: exemplar-based patches and the diffusion family."""
