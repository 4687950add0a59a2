"""From files to the store: walk, parse, chunk, embed, replace.

The only importer of `unstructured`, `pypdfium2` and `markdown_it`. Knows ports, not stores
or models.
"""
