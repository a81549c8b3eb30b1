"""Fills by networks: model cards, the folder of models, and what runs them with ONNX Runtime."""
