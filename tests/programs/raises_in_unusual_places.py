"""Ends with an error whose frames are a default value, a property, a descriptor, a metaclass and __format__."""


class Meta(type):
    def __call__(cls, *args):
        return super().__call__(*args)

    def __getitem__(cls, item):
        return cls(item)


class Descriptor:
    def __get__(self, instance, owner):
        return f"{instance:spec}" if instance else self


class Thing(metaclass=Meta):
    described = Descriptor()

    def __init__(self, value):
        self.value = value

    def __format__(self, spec):
        return self.computed + spec

    @property
    def computed(self):
        def inner(
            default=self.value + 1,
        ):
            return default

        return inner()


print(f"{Thing[1].value}")
try:
    print(Thing["text"].described)
except TypeError:
    match Thing["again"]:
        case Thing(described=str() as text) if text:
            print("never")
