"""How good is retrieval: data sets, runs, measures. Uses the service's own ingestion and search."""
