"""Tracers on the cells of IPython shells: the parts of pyccolo_native.ipython_extension."""
