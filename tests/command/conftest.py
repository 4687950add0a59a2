"""These tests run the command as a user does."""

from tests.service import data, handbook_data, service

__all__ = ["data", "handbook_data", "service"]
