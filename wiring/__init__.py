"""Settings, and everything that is plugged together from them, in one place."""
