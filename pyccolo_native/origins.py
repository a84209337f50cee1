"""Which nodes of a tree that another tool has transformed come from which nodes of the program."""
import ast
import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

    Nodes = dict[ast.AST, ast.AST]
    Groups = dict[ast.AST, tuple[ast.AST, int]]

_POSITIONS = ("lineno", "col_offset", "end_lineno", "end_col_offset")
_SHARED = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)  # one instance each, in all trees


def walk(tree: ast.AST) -> "Iterator[ast.AST]":
    """The nodes of a tree in the order of the source, each once, however often it stands there."""
    seen = set()
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, _SHARED) or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        pending.extend(reversed(list(ast.iter_child_nodes(node))))


def twins(tree: ast.AST, pristine: ast.AST) -> "Nodes":
    """{node: pristine node} for two trees parsed from one source."""
    return dict(zip(walk(tree), walk(pristine)))


def trace(tree: ast.Module, pristine: ast.Module, known: "Nodes") -> "tuple[ast.Module, Nodes, Nodes, Groups]":
    """What the rewriter needs to weave `tree` for handlers that see the nodes of `pristine`.

    known: the pristine nodes of those that were parsed, before they were transformed.
    """
    exact = _exact(tree, pristine, known)
    _unshare(tree, exact)
    return tree, exact, _slots(exact), _groups(exact)


def _children(node: ast.AST) -> "Iterator[tuple[ast.AST, str, int | None]]":
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, ast.AST):
            yield value, field, None
        elif isinstance(value, list):
            for index, child in enumerate(value):
                if isinstance(child, ast.AST):
                    yield child, field, index


def _unshare(tree: ast.Module, exact: "Nodes") -> None:
    """Where a node stands more than once (a type in a check too, a value in a message), puts copies: those fire no events."""
    places: "dict[ast.AST, list]" = {}
    for parent in walk(tree):
        for child, field, index in _children(parent):
            if not isinstance(child, _SHARED):
                places.setdefault(child, []).append((parent, field, index))
    for node, found in places.items():
        if len(found) < 2:
            continue
        own = [place for place in found if _slot(*place, exact) is not None] or found[:1]
        for parent, field, index in found:
            if (parent, field, index) in own:
                continue
            if index is None:
                setattr(parent, field, copy.deepcopy(node))
            else:
                getattr(parent, field)[index] = copy.deepcopy(node)


def _slot(parent: ast.AST, field: str, index: "int | None", exact: "Nodes") -> "ast.AST | None":
    """The node of the program that a child stands for by the place it has in its parent."""
    pristine = exact.get(parent)
    if pristine is None:
        return None
    now, then = getattr(parent, field), getattr(pristine, field, None)
    if index is None:
        return then if isinstance(then, ast.AST) else None
    if not isinstance(then, list):
        return None
    origin = exact.get(now[index])
    if origin is not None and any(origin is other for other in then):
        return origin
    return then[index] if len(now) == len(then) and isinstance(then[index], ast.AST) else None


def _place(node: ast.AST) -> "tuple | None":
    place = tuple(getattr(node, name, None) for name in _POSITIONS)
    return None if place[0] is None else (type(node), *place)


def _exact(tree: ast.Module, pristine: ast.Module, known: "Nodes") -> "Nodes":
    """Nodes that are those of the program: the same object, or one made anew of the same class at the same place."""
    exact = {tree: pristine}
    made = []
    for node in walk(tree):
        parsed = known.get(node)
        if parsed is not None and type(parsed) is type(node):
            exact[node] = parsed
        elif node is not tree:
            made.append(node)
    kept = set(map(id, exact.values()))
    gone = {_place(node): node for node in reversed(list(walk(pristine))) if id(node) not in kept}
    gone.pop(None, None)
    for node in made:
        if (origin := gone.get(_place(node))) is not None:
            exact[node] = origin
    return exact


def _slots(exact: "Nodes") -> "Nodes":
    """What stands where a node of the program stood, in a parent that is still there."""
    slots = {}
    for node in exact:
        for child, field, index in _children(node):
            if (origin := _slot(node, field, index, exact)) is not None:
                slots[child] = origin
    return slots


def _groups(exact: "Nodes") -> "Groups":
    """Statements that took the place of one of the program: an assertion's expansion, say."""
    groups = {}
    for node, pristine in exact.items():
        for field in node._fields:
            now, then = getattr(node, field, None), getattr(pristine, field, None)
            if isinstance(now, list) and isinstance(then, list) and now and isinstance(now[0], ast.stmt):
                groups.update(_groups_of_block(now, then, exact))
    return groups


def _groups_of_block(now: list, then: list, exact: "Nodes") -> "Groups":
    places = {id(stmt): index for index, stmt in enumerate(then)}
    groups = {}
    kept = {id(exact[stmt]) for stmt in now if stmt in exact}
    made: list = []
    last = -1
    for stmt in [*now, None]:
        index = places.get(id(exact.get(stmt, stmt))) if stmt is not None else len(then)
        if index is None:
            made.append(stmt)
            continue
        replaced = [other for other in then[last + 1 : index] if id(other) not in kept]
        groups.update(_groups_of_run(made, replaced))
        made, last = [], max(index, last)
    return _without_repeats(groups)


def _groups_of_run(made: list, replaced: list) -> "Groups":
    """Which of the statements of the program between two that are still there the made ones stand for."""
    groups: "Groups" = {}
    first = origin = None
    for stmt in made if replaced else ():
        before, origin = origin, replaced[0] if len(replaced) == 1 else _around(stmt, replaced)
        if origin is None:
            continue
        if origin is before:
            groups[first] = origin, groups[first][1] + 1
        else:
            first = stmt
            groups[first] = origin, 1
    return groups


def _without_repeats(groups: "Groups") -> "Groups":
    """A statement of the program happens once: where two groups stand for it, the first does."""
    seen = set()
    return {
        first: (origin, count)
        for first, (origin, count) in groups.items()
        if id(origin) not in seen and not seen.add(id(origin))
    }


def _around(stmt: ast.stmt, replaced: "list[ast.stmt]") -> "ast.stmt | None":
    """The statement of the program that a made one lies in."""
    if getattr(stmt, "lineno", None) is None:
        return None
    start = stmt.lineno, stmt.col_offset
    for candidate in replaced:
        if (candidate.lineno, candidate.col_offset) <= start < (candidate.end_lineno, candidate.end_col_offset):
            return candidate
    return None
