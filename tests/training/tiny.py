"""Changes of a preset that make it learn two small pictures in seconds."""

TINY = (
    "data.size=32",
    "data.side=32",
    "data.zoom=1",
    "data.turn=0",
    "data.colour=0",
    "masks.blobs=0",
    "masks.dust=0",
    "network.architecture=fourier",
    "network.channels=8",
    "network.blocks=1",
    "run.batch=8",
    "optimiser.rate=0.01",
    "optimiser.warm_up=5",
    "optimiser.average=0.9",
)
