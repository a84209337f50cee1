"""Prints, as JSON, the public names that the modules of the installed Pyccolo have: {module: names}, and those of its tracers."""
import importlib
import json
import pkgutil
from types import ModuleType

import pyccolo

TYPING = "typing", "typing_extensions"


def is_a_name_of_pyccolo(name, value, module):
    """Neither hidden, nor imported from somebody else."""
    if name.startswith("_") or isinstance(value, ModuleType) or name in ("TYPE_CHECKING", "logger"):
        return False
    if module.startswith("pyccolo.examples"):  # which have their tracers to offer
        return isinstance(value, type) and issubclass(value, pyccolo.BaseTracer)
    owner = getattr(value, "__module__", None)
    return owner is None or owner.split(".")[0] == "pyccolo" or (module == "pyccolo.fast" and owner not in TYPING)


names = {"pyccolo": pyccolo}
for found in pkgutil.walk_packages(pyccolo.__path__, "pyccolo."):
    names[found.name] = importlib.import_module(found.name)
public = {
    module.partition(".")[2]: sorted(name for name, value in vars(its).items() if is_a_name_of_pyccolo(name, value, module))
    for module, its in names.items()
}
tracer = pyccolo.NoopTracer.instance()
print(
    json.dumps(
        {
            "modules": public,
            "all": sorted(pyccolo.__all__),
            "tracer": sorted(name for name in {*dir(pyccolo.BaseTracer), *vars(tracer)} if not name.startswith("_")),
            "events": [event.name for event in pyccolo.TraceEvent],
        }
    )
)
