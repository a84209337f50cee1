"""What pyccolo_native.fast is made of; that is the module to import."""
from .fast_ast import FastAst
from .misc_ast_utils import copy_ast, make_composite_condition, make_test, subscript_to_slice

__all__ = ["FastAst", "copy_ast", "make_composite_condition", "make_test", "subscript_to_slice"]
