"""What programs take from Pyccolo, and which of its names are not here, and why."""

PACKAGE = """
AstRewriter AugmentationSpec AugmentationType BaseTracer CellInfo CellTracingDriver CustomRewrite HOST_TRACER_PRIORITY NoopTracer
Null Pass Skip SkipAll PYCCOLO_BUILTIN_PREFIX Predicate SANDBOX_FNAME SANDBOX_FNAME_PREFIX TraceEvent TraceStack
allow_reentrant_event_handling cell_tracing_context coerce_tracer_class deregister_ipython_tracer eval exec filter_hidden_frames
instance instrumented ipython_driver is_outer_stmt is_pure_transform is_traceback_visible mark_traceback_visible make_guard_name
multi_context parse register_handler register_ipython_tracer register_raw_handler registered_ipython_tracers
release_ipython_driver resolve_tracer set_frame_local skip_when_tracing_disabled take_over_ipython_driver tracer tracing_context
tracing_disabled tracing_enabled transform untransform load_ipython_extension unload_ipython_extension
""".split()

MODULES = {
    "emit_event": "_TRACER_STACK SANDBOX_FNAME_PREFIX",
    "tracer": "_TRACER_STACK HIDE_PYCCOLO_FRAME TRACED_LAMBDA_NAME PYCCOLO_DEV_MODE_ENV_VAR SANDBOX_FNAME_PREFIX",
    "stmt_mapper": "StatementMapper",
    "ast_bookkeeping": "AstBookkeeper BookkeepingVisitor",
    "ast_rewriter": "AstRewriter",
    "extra_builtins": "EMIT_EVENT EXEC_SAVED_THUNK FUNCTION_TRACING_ENABLED TRACE_LAMBDA TRACING_ENABLED make_guard_name",
    "fast": "Name Call Constant Tuple Starred Str parse location_of location_of_arg iter_arguments",
    "_fast.misc_ast_utils": "subscript_to_slice",
    "utils": "clone_function",
    "__main__": "main make_parser run",
    "import_hooks": "TraceFinder patch_meta_path",
    "predicate": "Predicate CompositePredicate",
    "trace_events": "AST_TO_EVENT_MAPPING BEFORE_EXPR_EVENTS EVT_TO_EVENT_MAPPING SYS_TRACE_EVENTS TraceEvent",
    "syntax_augmentation": "AugmentationSpec AugmentationType Position Range fix_positions line_col_of offset_of make_tokens_by_line "
    "_line_starts _find_first_paired_construct replace_tokens_and_get_augmented_positions "
    "_replace_tokens_and_get_augmented_positions_inner",
    "version": "__version__ make_version_tuple version",
    "_version": "get_versions",
}
MODULES = {module: names.split() for module, names in MODULES.items()}

TRACER = """
EVENT_LOGGER _augmented_definition_for _disable_tracing _enable_tracing _emit_event _tracing_enabled_files activate_guard
deactivate_guard ast_bookkeeper_by_fname ast_node_by_id ast_rewriter_cls augmented_node_ids_by_spec containing_ast_by_id
containing_stmt_by_id parent_stmt_by_id stmt_by_lineno_by_module_id defined_file enable_tracing events_with_registered_handlers
exec_raw get_augmentations has_sys_trace_events instrumented is_initial_frame_stmt is_tracing_enabled keep_sandbox_source
make_sandbox_fname make_stack make_syntax_augmenter parse_fragment preprocess register_additional_ast_bookkeeping
remove_bookkeeping reset reset_bookkeeping last_applied_specs
""".split()

WEAVING = "how Pyccolo weaves; it is done by the C++ core"
EMITTING = "how Pyccolo emits; it is done by the C++ core"
CACHING = "how Pyccolo names its .pyc files; the cache is another"
TYPING = "only for annotations"
VERSIONEER = "what versioneer makes versions with"
TRAITLETS = "of traitlets, which tracers are not made with"
TRANSFORMING = "how Pyccolo finds augmented positions"
AST_IMPORTS = "what the module ast itself has imported"

ABSENT_MODULES = {"expr_rewriter": WEAVING, "stmt_inserter": WEAVING}

ABSENT = {
    "": {"evt": "left over from a loop", "expr_rewriter": WEAVING, "stmt_inserter": WEAVING},
    "__main__": {"get_script_as_module": "scripts run as __main__", "validate_args": "run() does it"},
    "_fast": {"EmitterMixin": WEAVING},
    "_fast.fast_ast": {"T": TYPING, "ctor_name": "left over from a loop", "old_name": "left over from a loop"},
    "_fast.misc_ast_utils": {
        **dict.fromkeys(
            ("BEFORE_EXPR_EVENTS", "EMIT_EVENT", "EmitterMixin", "PYCCOLO_BUILTIN_PREFIX", "TRACE_LAMBDA", "TraceEvent"), WEAVING
        ),
        "StatementMapper": WEAVING,
    },
    "_version": dict.fromkeys(
        """HANDLERS LONG_VERSION_PY NotThisMethod VersioneerConfig get_config get_keywords git_get_keywords git_pieces_from_vcs
        git_versions_from_keywords pep440_split_post plus_or_dot register_vcs_handler render render_git_describe
        render_git_describe_long render_pep440 render_pep440_branch render_pep440_old render_pep440_post
        render_pep440_post_branch render_pep440_pre run_command versions_from_parentdir""".split(),
        VERSIONEER,
    ),
    "ast_rewriter": {"ExprRewriter": WEAVING, "GUARD_DATA_T": TYPING, "StatementInserter": WEAVING},
    "extra_builtins": dict.fromkeys(("NAME_ERROR_MATCHES", "name_error_matches_prefix"), "woven code needs no second attempt"),
    "fast": {
        "EmitterMixin": WEAVING,
        "name": "left over from a loop",
        **dict.fromkeys("IntEnum auto contextmanager nullcontext re sys".split(), AST_IMPORTS),
        **dict.fromkeys(("PyCF_ALLOW_TOP_LEVEL_AWAIT", "PyCF_ONLY_AST", "PyCF_OPTIMIZED_AST", "PyCF_TYPE_COMMENTS"), AST_IMPORTS),
    },
    "import_hooks": dict.fromkeys(
        ("orig_cache_from_source", "orig_source_from_cache", "pyccolo_cache_from_source", "pyccolo_source_from_cache"), CACHING
    ),
    "syntax_augmentation": dict.fromkeys(("split_fstring", "split_fstrings"), "how Pyccolo reads the tokens of f-strings"),
    "tracer": {
        "NAME_ERROR_MATCHES": WEAVING,
        "TracerT": TYPING,
        "internal_directories": "no frame needs to be told by its folder",
        "make_assert_evt_when": "AssertPredicate of registration.py does it",
        "name_error_matches_prefix": WEAVING,
        "register_tracer_state_machine": "the metaclass does it",
        "sys_gettrace": "asked of sys when it is needed",
        "sys_settrace": "asked of sys when it is needed",
    },
    "utils": {"K": TYPING},
}

ABSENT_FROM_TRACERS = {
    **dict.fromkeys("exec_saved_thunk handler_spec_by_id".split(), EMITTING),
    **dict.fromkeys("existing_tracer sys_tracer".split(), "trace functions are set by the C++ core"),
    **dict.fromkeys(
        """add_traits class_own_trait_events class_own_traits class_trait_names class_traits cross_validation_lock has_trait
        hold_trait_notifications notify_change observe on_trait_change set_trait setup_instance trait_defaults trait_events
        trait_has_value trait_metadata trait_names trait_values traits unobserve unobserve_all""".split(),
        TRAITLETS,
    ),
}
