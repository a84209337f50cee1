"""Tracer classes have one instance each, shared up to the first class below BaseTracer."""
import pytest

import pyccolo_native as pyc


def make(*bases):
    class Tracer(*(bases or (pyc.BaseTracer,))):
        pass

    return Tracer


def test_instance_is_made_once():
    tracer = make()
    assert not tracer.initialized()
    assert tracer.instance() is tracer.instance()
    assert tracer.initialized()


def test_clear_instance_forgets_it():
    tracer = make()
    first = tracer.instance()
    tracer.clear_instance()
    assert not tracer.initialized()
    assert tracer.instance() is not first


def test_clear_instance_before_there_is_one():
    make().clear_instance()


def test_instances_are_separate_between_unrelated_classes():
    one, two = make(), make()
    assert one.instance() is not two.instance()


def test_a_subclass_instance_is_its_base_class_instance_too():
    base = make()
    derived = make(base)
    instance = derived.instance()
    assert base.instance() is instance and base.initialized()


def test_a_base_class_instance_is_no_subclass_instance():
    base = make()
    derived = make(base)
    base.instance()
    with pytest.raises(Exception, match="instance"):
        derived.instance()


def test_clearing_a_subclass_clears_what_it_shares():
    base = make()
    derived = make(base)
    derived.instance()
    derived.clear_instance()
    assert not base.initialized() and not derived.initialized()


def test_instance_passes_arguments_on():
    class Tracer(pyc.BaseTracer):
        def __init__(self, value=0, **kwargs):
            super().__init__(**kwargs)
            self.value = value

    assert Tracer.instance(value=5).value == 5
    assert Tracer.instance().value == 5


def test_a_tracer_may_be_made_without_instance():
    tracer = make()
    one, two = tracer(), tracer()
    assert one is not two and not tracer.initialized()


def test_a_class_works_as_a_context():
    tracer = make()
    with tracer:
        assert pyc.tracer() is tracer.instance()
        assert tracer.instance().is_tracing_enabled
    assert not tracer.instance().is_tracing_enabled


def test_enable_and_disable_of_a_class():
    tracer = make()
    tracer.enable()
    try:
        assert pyc.tracer() is tracer.instance()
    finally:
        tracer.disable()
    assert pyc.tracer() is pyc.NoopTracer.instance()


def test_without_tracers_there_is_a_noop_tracer():
    assert isinstance(pyc.tracer(), pyc.NoopTracer)
    assert pyc.instance() is pyc.tracer()


def test_reset_drops_what_init_added_and_keeps_persistent_fields():
    class Tracer(pyc.BaseTracer):
        def __init__(self, is_reset=False):
            if not is_reset:
                super().__init__()
                with self.persistent_fields():
                    self.kept = []
            self.counter = 0

    tracer = Tracer.instance()
    tracer.counter = 7
    tracer.kept.append(1)
    tracer.reset()
    assert (tracer.counter, tracer.kept) == (0, [1])


def test_reset_with_the_flag_passed_up():
    class Tracer(pyc.BaseTracer):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.counter = 0

    tracer = Tracer.instance()
    tracer.counter = 7
    tracer.reset()
    assert tracer.counter == 0
    with tracer:
        pass


def test_class_attributes_have_their_documented_defaults():
    tracer = make().instance()
    assert (tracer.instrument_all_files, tracer.allow_reentrant_events, tracer.multiple_threads_allowed) == (False,) * 3
    assert (tracer.requires_ast_bookkeeping, tracer.should_patch_meta_path, tracer.global_guards_enabled) == (True,) * 3
    assert (tracer.instrument_lambdas, tracer.keep_sandbox_source) == (False, False)
    assert tracer.defined_file == __file__


def test_resolve_tracer_finds_classes_by_name(importable):
    importable("some_tracers", "import pyccolo_native as pyc\nclass Mine(pyc.BaseTracer):\n    pass\nnumber = 3\n")
    found = pyc.resolve_tracer("some_tracers.Mine")
    assert found.__name__ == "Mine" and issubclass(found, pyc.BaseTracer)
    with pytest.raises(AttributeError, match="Missing"):
        pyc.resolve_tracer("some_tracers.Missing")
    with pytest.raises(TypeError, match="number"):
        pyc.resolve_tracer("some_tracers.number")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        pyc.resolve_tracer("no_such_module.Mine")
    with pytest.raises(ValueError, match="undotted"):
        pyc.resolve_tracer("undotted")


def test_resolve_tracer_lets_other_import_errors_through(importable):
    importable("broken_tracers", "import no_such_module_inside")
    with pytest.raises(ModuleNotFoundError, match="'no_such_module_inside'"):
        pyc.resolve_tracer("broken_tracers.Mine")
