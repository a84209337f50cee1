"""Ends with an error in a reflected operator during an augmented assignment to a subscript."""


class Money:
    def __init__(self, amount, currency):
        self.amount, self.currency = amount, currency

    def __add__(self, other):
        if other.currency != self.currency:
            raise TypeError(f"{self.currency} and {other.currency} do not add up")
        return Money(self.amount + other.amount, self.currency)

    def __radd__(self, other):
        return self if other == 0 else self + other


purse = {"coins": [Money(1, "EUR"), Money(2, "EUR")], "notes": [Money(5, "USD")]}
print(sum(purse["coins"]).amount)
purse["coins"][0] += Money(3, "EUR")
purse["coins"][-1] += (
    purse["coins"][0]
    + purse["notes"][-1]
)
