"""The packages whose own tests are run, each pinned."""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Suite:
    """One package and the part of its tests that is run."""

    name: str
    version: str
    imports: "tuple[str, ...]" = ()
    """What is instrumented beside the tests: packages of the environment, by import name; default: `name`."""
    needs: "tuple[str, ...]" = ()
    """What pip installs beside it and pytest."""
    selection: "tuple[str, ...]" = ()
    """Arguments of pytest, run where the sources lie."""
    short: "tuple[str, ...]" = ()
    """Arguments for the short run; none: it takes no part in it."""
    source: str = "sdist"
    """Where the tests are: "sdist", "wheel" (the installed package holds them), or the address of a git repository."""
    tag: str = "v{version}"
    differs: "dict[str, str]" = field(default_factory=dict)
    """Tests that are known to notice a tracer, and why; each is listed in docs/differences.md by its kind."""


PYTEST = "pytest==8.4.2"
# Tests of more than a second, which take minutes when every event is observed.
SYMPY_LONG = (
    "issue_21034",
    "test_round",
    "diff_nth_derivative",
    "simplify_relational",
    "Mod_Pow",
    "evalf_mul",
    "issue_17382",
    "test_equals",
    "all_classes_are_tested",
)

SUITES = (
    Suite("attrs", "26.1.0", ("attr", "attrs"), ("hypothesis", "cloudpickle", "pympler"), ("tests",), ("tests",)),
    Suite(
        "jinja2",
        "3.1.6",
        needs=("trio==0.27.0",),
        selection=("tests",),
        short=("tests/test_api.py", "tests/test_async.py", "tests/test_inheritance.py", "tests/test_lexnparse.py"),
    ),
    Suite("pyyaml", "6.0.3", ("yaml",), selection=("tests",)),
    Suite(
        "rich",
        "14.3.3",
        needs=("attrs==26.1.0", "pygments==2.19.2"),
        selection=("tests",),
        source="https://github.com/Textualize/rich",
    ),
    Suite(
        "sympy",
        "1.14.0",
        needs=("hypothesis",),
        selection=("--pyargs", "sympy.core", "-k", f"not ({' or '.join(SYMPY_LONG)})"),
        short=("--pyargs", "sympy.core.tests.test_basic", "sympy.core.tests.test_containers", "sympy.core.tests.test_symbol"),
        source="wheel",
    ),
    Suite("more-itertools", "11.2.1", ("more_itertools",), selection=("tests",)),
    Suite("toolz", "1.2.0", ("toolz", "tlz"), selection=("--pyargs", "toolz"), source="wheel"),
    Suite("pyparsing", "3.3.3", needs=("railroad-diagrams", "jinja2"), selection=("tests",)),
    Suite("click", "8.5.1", selection=("tests",)),
    Suite("markupsafe", "3.0.4", selection=("tests",)),
    Suite("pluggy", "1.7.0", needs=("pytest-benchmark",), selection=("testing",)),
    Suite("networkx", "3.6.1", selection=("--pyargs", "networkx"), source="wheel"),
    Suite(
        "requests",
        "2.34.2",
        imports=("requests", "urllib3", "idna"),
        needs=("pytest-httpbin==2.1.0", "httpbin~=0.10.0", "pytest-mock", "trustme", "PySocks"),
        selection=("tests",),
    ),
    Suite(
        "werkzeug",
        "3.1.9",
        needs=("cffi", "cryptography", "ephemeral-port-reserve", "pytest-timeout", "watchdog"),
        selection=("tests", "-m", "not dev_server"),
    ),
    Suite(
        "flask",
        "3.1.3",
        imports=("flask", "werkzeug", "jinja2", "click", "blinker", "itsdangerous"),
        needs=("asgiref", "greenlet", "python-dotenv"),
        selection=("tests",),
    ),
    Suite("docutils", "0.23", selection=("test",)),
)
