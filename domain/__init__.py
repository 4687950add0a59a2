"""The words that everybody speaks: frozen values, the ports, the error tree, ids.

Knows nothing of files, HTTP, Qdrant or any model. Standard library only; NumPy appears
in annotations alone and is never imported at run time.
"""
