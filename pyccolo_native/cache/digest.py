"""The digest that keys and entries are made with."""
try:
    from _blake2 import blake2b  # hashlib's own, without loading OpenSSL into the program
except ImportError:
    from hashlib import blake2b

__all__ = ["blake2b"]
