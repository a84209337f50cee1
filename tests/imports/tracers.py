"""Tracers for the tests of imports."""
import ast

import pyccolo_native as pyc


class Increment(pyc.BaseTracer):
    """Adds one to what is assigned in files whose path has `woven` in it."""

    multiple_threads_allowed = True

    def should_instrument_file(self, filename):
        return "woven" in filename

    @pyc.after_assign_rhs
    def assigned(self, ret, *_, **__):
        return ret + 1 if type(ret) is int else None


class Journal(pyc.BaseTracer):
    """Writes down the events of files whose path has `woven` in it, by the source of their nodes."""

    multiple_threads_allowed = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.entries = []

    def should_instrument_file(self, filename):
        return "woven" in filename

    @pyc.register_handler(
        (
            pyc.before_stmt,
            pyc.after_stmt,
            pyc.after_module_stmt,
            pyc.load_name,
            pyc.before_call,
            pyc.after_call,
            pyc.before_argument,
            pyc.after_argument,
            pyc.before_return,
            pyc.after_return,
            pyc.after_assign_rhs,
            pyc.before_binop,
            pyc.after_compare,
            pyc.left_compare_arg,
            pyc.compare_arg,
            pyc.before_attribute_load,
            pyc.after_attribute_load,
            pyc.before_subscript_load,
            pyc.decorator,
            pyc.list_elt,
            pyc.before_function_body,
            pyc.after_function_execution,
            pyc.before_for_loop_body,
            pyc.init_module,
            pyc.exit_module,
        )
    )
    def write(self, ret, node, frame, event, *_, **keywords):
        shown = "module" if isinstance(node, ast.Module) else ast.unparse(node).split("\n")[0]
        self.entries.append((event.value, shown, getattr(node, "lineno", 0), self.owner(keywords)))

    def owner(self, keywords):
        """The node that an event names by its id: one of the program, in the tables."""
        ids = [value for name, value in keywords.items() if name.endswith("node_id") and value is not None]
        return [ast.unparse(self.ast_node_by_id[value]).split("\n")[0] for value in ids]


class Imports(pyc.BaseTracer):
    """Writes down the events of imports."""

    multiple_threads_allowed = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.entries = []

    def should_instrument_file(self, filename):
        return "woven" in filename

    @pyc.before_import
    def before(self, ret, node, frame, event, *_, qualified_module_name, **__):
        entry = ("before", qualified_module_name, ret.replace("\\", "/").rpartition("/")[2], node)
        if not self.entries or self.entries[-1] != entry:  # told of by exec_module and get_code, as in Pyccolo
            self.entries.append(entry)

    @pyc.init_module
    def init(self, ret, node, frame, *_, **__):
        self.entries.append(("init", frame.f_globals["__name__"], type(node).__name__))

    @pyc.exit_module
    def exit(self, ret, node, frame, *_, **__):
        self.entries.append(("exit", frame.f_globals["__name__"], type(node).__name__))

    @pyc.after_import
    def after(self, ret, node, frame, event, *_, module, **__):
        self.entries.append(("after", module.__name__, node))
