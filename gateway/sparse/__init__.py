"""Learned sparse vectors: words of a text, and others that would say the same, with weights."""
