"""Algorithms on graphs and grids: heaps, queues, sets, recursion, memoisation, early exits."""

import collections
import functools
import heapq
import itertools
import random

GRAPH = {"a": {"b": 7, "c": 9, "f": 14}, "b": {"c": 10, "d": 15}, "c": {"d": 11, "f": 2}, "d": {"e": 6}, "e": {"f": 9}, "f": {}}


def undirected(graph):
    result = collections.defaultdict(dict)
    for node, edges in graph.items():
        for other, weight in edges.items():
            result[node][other] = result[other][node] = weight
    return {k: dict(sorted(v.items())) for k, v in sorted(result.items())}


def shortest(graph, start, goal):
    best, heap = {start: (0, None)}, [(0, start)]
    while heap:
        cost, node = heapq.heappop(heap)
        if node == goal:
            break
        if cost > best[node][0]:
            continue
        for other, weight in graph[node].items():
            if (total := cost + weight) < best.get(other, (float("inf"),))[0]:
                best[other] = total, node
                heapq.heappush(heap, (total, other))
    else:
        return None
    path = []
    while node is not None:
        path.insert(0, node)
        node = best[node][1]
    return best[goal][0], "".join(path)


def topological(graph):
    incoming = collections.Counter(other for edges in graph.values() for other in edges)
    ready = collections.deque(sorted(n for n in graph if not incoming[n]))
    order = []
    while ready:
        order.append(node := ready.popleft())
        for other in sorted(graph[node]):
            incoming[other] -= 1
            if incoming[other] == 0:
                ready.append(other)
    if len(order) < len(graph):
        raise ValueError("cycle")
    return order


@functools.lru_cache(maxsize=None)
def edit_distance(a, b):
    if not a or not b:
        return len(a) + len(b)
    if a[0] == b[0]:
        return edit_distance(a[1:], b[1:])
    return 1 + min(edit_distance(a[1:], b), edit_distance(a, b[1:]), edit_distance(a[1:], b[1:]))


def life(cells, steps):
    for _ in range(steps):
        neighbours = collections.Counter((x + dx, y + dy) for x, y in cells for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy)
        cells = {cell for cell, n in neighbours.items() if n == 3 or n == 2 and cell in cells}
    return cells


def queens(n, row=0, columns=(), up=frozenset(), down=frozenset()):
    if row == n:
        yield columns
        return
    for column in range(n):
        if column in columns or row + column in up or row - column in down:
            continue
        yield from queens(n, row + 1, (*columns, column), up | {row + column}, down | {row - column})


def quicksort(items):
    if len(items) <= 1:
        return items
    pivot, *rest = items
    return [*quicksort([x for x in rest if x < pivot]), pivot, *quicksort([x for x in rest if x >= pivot])]


def sieve(limit):
    flags = [True] * limit
    flags[:2] = [False] * 2
    for n in range(2, int(limit**0.5) + 1):
        if flags[n]:
            flags[n * n :: n] = [False] * len(range(n * n, limit, n))
    return [n for n, flag in enumerate(flags) if flag]


graph = undirected(GRAPH)
print([shortest(graph, "a", goal) for goal in "abcdef"], shortest(GRAPH, "f", "a"))
print(topological(GRAPH))
try:
    topological(graph)
except ValueError as error:
    print(error)
print(edit_distance("kitten", "sitting"), edit_distance.cache_info().misses)
glider = {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}
print(sorted(life(glider, 4)), life(glider, 4) == {(x + 1, y + 1) for x, y in glider})
del glider  # a set: its order is nobody's business
print(sum(1 for _ in queens(6)), next(queens(8)), ["." * c + "Q" + "." * (3 - c) for c in next(queens(4))])
numbers = random.Random(7).sample(range(100), 30)
print(quicksort(numbers) == sorted(numbers), sieve(50), [*itertools.islice(itertools.accumulate(sieve(20), lambda a, b: a * b), 2, None)])
words = "the quick brown fox jumps over the lazy dog the end".split()
print(collections.Counter(words).most_common(2), {k: [*g] for k, g in itertools.groupby(sorted(words, key=len), key=len)})
