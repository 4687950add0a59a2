"""The same ingestion with other frameworks. Runs in an environment of its own: see ingest.py."""
