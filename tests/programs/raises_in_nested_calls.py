"""Ends with an error at the bottom of calls between functions, methods, lambdas and comprehensions."""


class Account:
    def __init__(self, owner, balance):
        self.owner, self.balance = owner, balance

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError(f"{self.owner} has {self.balance}, not {amount}")
        self.balance -= amount

    @property
    def checked(self):
        return self.validate(lambda a: a.balance / a.missing if False else a.withdraw(10**6))

    def validate(self, check):
        return [check(self) for _ in range(1)]


accounts = {name: Account(name, n * 10) for n, name in enumerate(["ann", "bob"])}
accounts["bob"].withdraw(5)
print("before")
result = max(
    accounts["ann"].balance,
    accounts["bob"]
    .checked[0],
    default=0,
)
print("never")
