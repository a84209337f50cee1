"""`pyccolo` for programs that have the folder of this package on their path: pyccolo_native, which takes its place.

Nothing needs to be installed for that, and this folder is all that has to be on the path.
"""
import os
import sys

_place = os.path.abspath(__file__)
for _ in range(4):
    _place = os.path.dirname(_place)
sys.path.insert(0, _place)
del sys.modules[__name__]
try:
    import pyccolo_native.as_pyccolo
finally:
    sys.path.remove(_place)
sys.modules[__name__] = pyccolo_native
