"""What pyccolo_native costs, beside PyPI's pyccolo and plain Python. `python -m benchmarks.run`."""
