"""These tests talk to a service over loopback."""

from tests.service import data, handbook_data, service

__all__ = ["data", "handbook_data", "service"]
