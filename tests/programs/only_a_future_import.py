"""A docstring, a comment and a future import."""
# a comment between
from __future__ import annotations
