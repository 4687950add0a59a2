"""How fast is it: one script a question, peers in the same run. `python -m bench.NAME`."""
