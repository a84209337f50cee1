"""Objects with events, undo, plug-ins and a report: the style of an application."""

from __future__ import annotations

import contextlib
import enum
import io
import logging
import string
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Callable, ClassVar, Protocol

logger = logging.Logger("bank", level=logging.INFO)
stream = io.StringIO()
logger.addHandler(handler := logging.StreamHandler(stream))
handler.setFormatter(logging.Formatter("{levelname[0]} {funcName} {lineno} {message}", style="{"))


class Kind(enum.StrEnum):
    DEPOSIT = enum.auto()
    WITHDRAWAL = enum.auto()
    INTEREST = "interest"


class Listener(Protocol):
    def __call__(self, account: Account, kind: Kind, amount: Decimal) -> None: ...


class Refused(Exception):
    def __init__(self, account: Account, amount: Decimal):
        self.account, self.amount = account, amount

    def __str__(self):
        return f"{self.account.owner} cannot pay {self.amount:,.2f}"


class Account:
    """An account that can be undone."""

    rate: ClassVar[Decimal] = Decimal("0.015")
    __listeners: ClassVar[list[Listener]] = []

    def __init__(self, owner: str, balance: str | Decimal = "0"):
        self.owner = owner
        self.__balance = Decimal(balance)
        self.__history: list[tuple[Kind, Decimal]] = []

    @classmethod
    def listen(cls, listener: Listener) -> Listener:
        cls.__listeners.append(listener)
        return listener

    @property
    def balance(self) -> Decimal:
        return self.__balance.quantize(Decimal("0.01"), ROUND_HALF_UP)

    def __change(self, kind: Kind, amount: Decimal):
        self.__balance += amount
        self.__history.append((kind, amount))
        for listener in self.__listeners:
            listener(self, kind, amount)

    def deposit(self, amount: int | str):
        if (value := Decimal(amount)) <= 0:
            raise ValueError(f"not a deposit: {amount}")
        self.__change(Kind.DEPOSIT, value)
        return self

    def withdraw(self, amount):
        value = Decimal(amount)
        if value > self.__balance:
            logger.warning("refused %s", value)
            raise Refused(self, value)
        self.__change(Kind.WITHDRAWAL, -value)
        return self

    def add_interest(self, *, years: int = 1):
        for _ in range(years):
            self.__change(Kind.INTEREST, self.__balance * self.rate)
        return self

    @contextlib.contextmanager
    def transaction(self):
        saved = self.__balance, self.__history.copy()
        try:
            yield self
        except Exception as error:
            self.__balance, self.__history = saved
            logger.info("rolled back: %s", error)
            if not isinstance(error, Refused):
                raise
        else:
            logger.info("committed %d", len(self.__history) - len(saved[1]))

    def __iter__(self):
        yield from self.__history

    def __lt__(self, other: Account):
        return self.balance < other.balance

    def __format__(self, spec):
        return f"{self.owner:{spec or '<10'}}{self.balance:>12,.2f}"


totals: dict[Kind, Decimal] = defaultdict(Decimal)


@Account.listen
def add_up(account, kind, amount):
    totals[kind] += abs(amount)


Account.listen(lambda account, kind, amount: amount > 1000 and logger.info(f"{account.owner} {kind}: {amount}"))
ann, bob = Account("Ann", "100.005"), Account("Bob")
bob.deposit("2500.50").deposit(1).withdraw(500).add_interest(years=3)
with ann.transaction() as a:
    a.deposit(50).withdraw(1000)
with ann.transaction():
    ann.deposit(50)
    ann.withdraw("20.5")
try:
    with bob.transaction():
        bob.withdraw(1).deposit(-5)
except ValueError as error:
    print(error)
for account in sorted([bob, ann]):
    print(f"{account}|{account:>6}|", [f"{kind}{amount:+.3f}" for kind, amount in account])
print({str(k): f"{v:.3f}" for k, v in totals.items()}, max(ann, bob).owner)
print(string.Template("$owner owes nothing").substitute(vars(ann)), sorted(vars(ann)))
print(stream.getvalue())
try:
    ann.withdraw(10**6)
except Refused as refused:
    print(refused, refused.account is ann, len(refused.args))
