import os
import sys
import tempfile

import pyccolo as pyc

EXPECTED = {
    pyc.before_attribute_load: {"attr_or_subscript", "call_context", "top_level_node_id", "obj_name"},
    pyc.after_attribute_load: {"call_context"},
    pyc.before_subscript_load: {"attr_or_subscript", "subscript_name", "call_context", "top_level_node_id", "obj_name"},
    pyc.before_subscript_store: {"attr_or_subscript", "subscript_name", "obj_name"},
    pyc.dict_key: {"dict_node_id", "value_node_id"},
    pyc.dict_value: {"dict_node_id", "key_node_id"},
    pyc.list_elt: {"index", "container_node_id"},
    pyc.tuple_elt: {"index", "container_node_id"},
    pyc.before_argument: {"key", "is_last", "is_starred", "is_kwstarred"},
    pyc.after_argument: {"key", "is_last", "is_starred", "is_kwstarred"},
    pyc.before_call: {"call_node_id"},
    pyc.after_call: {"call_node_id"},
    pyc.decorator: {"decorator_idx", "func_node_id"},
    pyc.after_function_execution: {"guard"},
    pyc.after_for_loop_iter: {"guard"},
}
SOURCE = """
class C: pass
c = C(); c.x = 1; d = {"k": [1, (2, 3)]}
c.x; c.x.bit_length(); d["k"]; d["n"] = 2
def same(f): return f
@same
def g(*a, **k):
    for i in a: pass
g(*[1], 2, z=3, **{})
"""


class Keywords(pyc.BaseTracer):
    given = {}

    def heard(self, ret, node, frame, event, *_, **keywords):
        self.given.setdefault(event, set()).update(keywords)

    for event in EXPECTED:
        heard = event(heard)


class Imports(pyc.BaseTracer):
    given = {}

    def should_instrument_file(self, filename):
        return "imported_for_keywords" in filename

    @pyc.before_import
    @pyc.init_module
    @pyc.after_import
    def heard(self, ret, node, frame, event, *_, **keywords):
        self.given.setdefault(event, {}).update(keywords)


with Keywords:
    pyc.exec(SOURCE)
missing = {event: names - Keywords.given.get(event, set()) for event, names in EXPECTED.items()}
assert not any(missing.values()), {event: names for event, names in missing.items() if names}

with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "imported_for_keywords.py"), "w") as file:
        file.write("x = 1\n")
    sys.path.insert(0, folder)
    with Imports:
        import imported_for_keywords
    assert Imports.given[pyc.before_import]["qualified_module_name"] == "imported_for_keywords"
    assert Imports.given[pyc.after_import]["module"] is imported_for_keywords
