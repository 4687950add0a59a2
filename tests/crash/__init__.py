"""Ingestion is killed at any moment, and nothing comes of it."""
