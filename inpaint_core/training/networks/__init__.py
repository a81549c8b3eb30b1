"""The generators and the discriminator, defined in PyTorch."""
