"""Metaclasses, __prepare__, class keywords, __init_subclass__, __set_name__, descriptors, __class_getitem__."""


class Ordered(dict):
    def __setitem__(self, key, value):
        if not key.startswith("__"):
            print("  set", key)
        super().__setitem__(key, value)

    def __missing__(self, key):
        if key.startswith("auto_"):
            return f"missing {key}"
        raise KeyError(key)


class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **kwargs):
        print("prepare", name, kwargs)
        return Ordered(prepared=name)

    def __new__(mcs, name, bases, namespace, **kwargs):
        cls = super().__new__(mcs, name, bases, dict(namespace))
        cls.kwargs = kwargs
        return cls

    def __init__(cls, name, bases, namespace, **kwargs):
        super().__init__(name, bases, namespace)

    def __call__(cls, *args, **kwargs):
        print("call", cls.__name__, args)
        return super().__call__(*args, **kwargs)

    def __getattr__(cls, name):
        return f"{cls.__name__}.{name} from the metaclass"

    def __len__(cls):
        return 42

    def __iter__(cls):
        return iter([cls.__name__])

    def __add__(cls, other):
        return f"{cls.__name__} + {other.__name__}"

    @property
    def upper(cls):
        return cls.__name__.upper()


class First(metaclass=Meta, option=1, **{"more": [2]}):
    attribute = auto_something
    prepared_again = prepared

    def method(self):
        return __class__

    for i in range(2):
        locals()[f"dynamic_{i}"] = i


print(First.kwargs, First.attribute, First.prepared_again, First().method() is First, First.dynamic_1)
print(First.anything, len(First), [*First], First + First, First.upper)


class Plugin:
    registry = {}

    def __init_subclass__(cls, /, name=None, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.registry[name or cls.__name__] = cls

    def __class_getitem__(cls, item):
        return cls.registry[item]


class Simple(Plugin):
    pass


class Named(Plugin, name="other name"):
    pass


print(sorted(Plugin.registry), Plugin["other name"].__name__, Plugin["Simple"].__name__)


class Descriptor:
    def __set_name__(self, owner, name):
        print("set_name", owner.__name__, name)
        self.name = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return instance.__dict__.get(self.name, f"no {self.name} yet")

    def __set__(self, instance, value):
        instance.__dict__[self.name] = value * 2

    def __delete__(self, instance):
        print("delete", self.name, instance.__dict__.pop(self.name))


class NonData:
    def __get__(self, instance, owner):
        return f"{owner.__name__} {instance is None}"


class Described:
    field, other = Descriptor(), Descriptor()
    non_data = NonData()


d = Described()
print(d.field, Described.field.name)
d.field = d.other = 5
d.field += 1
d.non_data_shadow = d.non_data
print(d.field, d.other, Described.non_data, d.non_data)
d.__dict__["non_data"] = "shadowed"
del d.field
print(d.field, d.non_data, sorted(vars(d)))


def function_as_metaclass(name, bases, namespace, **kwargs):
    return name, [b.__name__ for b in bases], sorted(k for k in namespace if not k.startswith("__")), kwargs


class NotAClass(int, metaclass=function_as_metaclass, k=1):
    x = y = 2


print(NotAClass)


class MroEntries:
    def __mro_entries__(self, bases):
        return (dict,)


class FromEntries(MroEntries()):
    pass


print(FromEntries.__bases__, FromEntries(a=1), FromEntries.__orig_bases__[0].__class__.__name__)
try:
    class Conflict(First, type):
        pass
except TypeError as error:
    print(str(error)[:18])
