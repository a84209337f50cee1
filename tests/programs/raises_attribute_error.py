"""Ends with a misspelt attribute in a chain over several lines."""

from types import SimpleNamespace

tree = SimpleNamespace(branch=SimpleNamespace(leaf="green", leaves=[1, 2]))
print(tree.branch.leaf)
found = (
    tree
    .branch
    .leafs
    .append(3)
)
