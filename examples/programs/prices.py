"""A bill, written with floats."""

PRICES = {"apples": 0.1, "bread": 0.2, "cheese": 4.35}
TAX = 0.07


def total(prices):
    amount = sum(prices.values())
    return amount + amount * TAX


print("0.1 + 0.2       =", 0.1 + 0.2)
print("equal to 0.3?    ", 0.1 + 0.2 == 0.3)
print("4.35 * 100      =", 4.35 * 100)
print("the bill        =", total(PRICES))
