"""How a database of any age becomes today's. `wiring/state/migrate.py` runs it."""
