"""Texts to vectors: a local ONNX model, or OpenAI's."""
