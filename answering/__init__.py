"""Question → answer: retrieve, fit, compose, call the model, resolve citations, remember.

Knows nothing of HTTP, settings or files; used by the service and by the evaluation alike.
"""
