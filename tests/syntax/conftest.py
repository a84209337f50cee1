"""Tracers with syntax of their own, made for one test."""
import ast

import pytest

import pyccolo_native as pyc

Spec, Kind = pyc.AugmentationSpec, pyc.AugmentationType


@pytest.fixture
def tracer_with():
    """Makes the instance of a tracer class with these specs; each is forgotten after the test."""
    made = []

    def make(*specs, **members):
        cls = type("Syntax", (pyc.BaseTracer,), {f"spec_{n}": spec for n, spec in enumerate(specs)} | members)
        made.append(cls)
        return cls.instance()

    yield make
    for cls in made:
        cls.clear_instance()
    pyc.BaseTracer.reset_bookkeeping()


def marked(tracer, source, **kwargs):
    """[(source of a marked node, tokens of the specs it is marked with)], in the order of the tree."""
    tree = tracer.parse(source, instrument=False, tracers=[tracer], **kwargs)
    found = []
    for node in ast.walk(tree):
        specs = tracer.get_augmentations(node)
        if specs:
            found.append((text_of(node), sorted(spec.token for spec in specs)))
    return found


def text_of(node):
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return f"{type(node).__name__} {node.name}"
    return ast.unparse(node)
