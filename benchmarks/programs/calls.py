"""Small functions for what interpreter events cost: calls, statements, and calls of functions written in C."""


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def statements(rounds):
    total = 0
    for number in range(rounds):
        twice = number + number
        total = total + twice
        if total > 1000:
            total = total - 1000
        last = total
    return last


def largest(numbers):
    kept = []
    for number in numbers:
        kept.append(abs(number))
    return max(kept)


def mixed(rounds):
    total = 0
    for number in range(rounds):
        total = total + largest((number, -number, len(str(number))))
    return total
