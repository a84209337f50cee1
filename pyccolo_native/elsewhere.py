"""Names that a module has and another one defines: they are imported when they are first asked for."""
import sys


def names_from(module_name, table):
    """The __getattr__ of a module for names of other modules here: {module: "its names that this one has too"}."""
    owners = {name: owner for owner, names in table.items() for name in names.split()}

    def __getattr__(name):
        owner = owners.get(name)
        if owner is None:
            raise AttributeError(f"module {module_name!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"{__package__}.{owner}"), name)
        setattr(sys.modules[module_name], name, value)
        return value

    return __getattr__
