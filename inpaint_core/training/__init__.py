"""Training: photographs → samples → network → losses → loop → an ``.onnx`` and its card.

PyTorch is imported here alone; `configuration`, `photographs` and `samples` do without it.
"""
