"""Some of these tests end a service over the sample handbook."""

from tests.service import data, handbook_data

__all__ = ["data", "handbook_data"]
