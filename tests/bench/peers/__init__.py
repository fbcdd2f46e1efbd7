"""Other comment systems with the same thread; each is one module with `serve` (see isso.py)."""
