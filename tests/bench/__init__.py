"""The portal beside the least that the same work could cost. `make bench`, or `python -m tests.bench [ROW ...]`."""
