#include "site/stored.hpp"

#include <cstring>
#include <string>
#include <unordered_map>

#include "ast/node.hpp"
#include "compat/code.hpp"
#include "compat/recursion.hpp"
#include "py/python.hpp"
// After Python.h:
#include <marshal.h>

namespace pyccolo::site {

namespace {

constexpr std::uint32_t kNone = Site::kNone;

/// The counts that stand first.
struct Head {
  std::uint32_t sites;
  std::uint32_t guards;
  std::uint32_t keywords;  ///< tuples of names and of values
  std::uint32_t ids;
  std::uint32_t guard_values;
  std::uint32_t flags;
  std::uint32_t places;   ///< how many 32-bit words
  std::uint32_t objects;  ///< how many bytes of marshalled names and values
};

enum Flag : std::uint32_t { kGuardsEnabled = 1, kAnyExempt = 2 };

enum SiteFlag : std::uint8_t {
  kExempt = 1,
  kChain = 2,
  kKeepsValue = 4,
  kHasElse = 8,
  kRegionGuard = 16,
};

struct StoredSite {
  std::uint32_t node;
  std::uint32_t next;
  std::uint32_t names;   ///< number of a tuple, or kNone
  std::uint32_t values;  ///< likewise
  std::uint16_t event;
  std::uint8_t op;
  std::uint8_t flags;
};

struct StoredId {
  std::uint32_t values;
  std::uint32_t position;
  std::uint32_t number;  ///< of a node, or of a guard
};

// ---- Writing

/// Takes site objects out of co_consts for as long as it lives: marshal knows only plain constants.
class SitesTakenOut {
 public:
  SitesTakenOut() = default;
  ~SitesTakenOut() {
    for (Taken& one : taken_) {
      const Ref placeholder = Ref::steal(PyTuple_GET_ITEM(one.consts, one.index));
      PyTuple_SET_ITEM(one.consts, one.index, one.site.release());
    }
  }
  SitesTakenOut(const SitesTakenOut&) = delete;
  SitesTakenOut& operator=(const SitesTakenOut&) = delete;

  void take_out(PyObject* consts, Py_ssize_t index) {
    taken_.push_back({consts, index, Ref::steal(PyTuple_GET_ITEM(consts, index))});
    PyTuple_SET_ITEM(consts, index, Py_NewRef(Py_None));
  }

 private:
  struct Taken {
    PyObject* consts;
    Py_ssize_t index;
    Ref site;
  };
  std::vector<Taken> taken_;
};

class Writer {
 public:
  Writer(SiteState& state, RewriteObject* object) : state_(state), rewrite_(*object->rewrite) {}

  Ref write(Borrowed code) {
    number_nodes();
    number_guards();
    for (const Site& site : rewrite_.sites) add(site);
    SitesTakenOut out;
    place(code, out);
    Ref objects =
        marshalled(take(PyTuple_Pack(3, tuples_.get(), co_filename(code).get(), chains_.get())));
    Ref woven = marshalled(code);

    const Head head{
        size(rewrite_.sites),
        size(rewrite_.guards),
        static_cast<std::uint32_t>(PyList_GET_SIZE(tuples_.get())),
        size(ids_),
        size(guard_values_),
        (rewrite_.guards_enabled ? kGuardsEnabled : 0U) | (rewrite_.any_exempt ? kAnyExempt : 0U),
        size(places_),
        static_cast<std::uint32_t>(PyBytes_GET_SIZE(objects.get()))};
    std::string bytes;
    auto put = [&](const void* data, std::size_t length) {
      bytes.append(static_cast<const char*>(data), length);
    };
    auto put_all = [&](const auto& items) { put(items.data(), items.size() * sizeof(items[0])); };
    put(&head, sizeof(head));
    put_all(sites_);
    put_all(guard_nodes_);
    put_all(ids_);
    put_all(guard_values_);
    put_all(places_);
    put(PyBytes_AS_STRING(objects.get()), static_cast<std::size_t>(head.objects));
    put(PyBytes_AS_STRING(woven.get()), static_cast<std::size_t>(PyBytes_GET_SIZE(woven.get())));
    return take(PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size())));
  }

 private:
  template <typename Items>
  static std::uint32_t size(const Items& items) {
    return static_cast<std::uint32_t>(items.size());
  }

  static Ref marshalled(Borrowed object) {
    return take(PyMarshal_WriteObjectToString(object.get(), Py_MARSHAL_VERSION));
  }

  static Borrowed co_filename(Borrowed code) {
    return reinterpret_cast<PyCodeObject*>(code.get())->co_filename;
  }

  void number_nodes() {
    std::uint32_t next = 0;
    for_each_node(state_.ast, rewrite_.tree, state_.ast.kind_of(rewrite_.tree),
                  [&](Borrowed node) { numbers_.emplace(node.get(), next++); });
  }

  std::uint32_t number_of(PyObject* node) const {
    const auto found = numbers_.find(node);
    if (found == numbers_.end()) raise(PyExc_ValueError, "an event of a node outside the tree");
    return found->second;
  }

  void number_guards() {
    guard_numbers_ = take(PyDict_New());
    for (std::size_t i = 0; i < rewrite_.guards.size(); ++i) {
      set_item(guard_numbers_, rewrite_.guards[i].name, take(PyLong_FromSize_t(i)));
      guard_nodes_.push_back(number_of(rewrite_.guards[i].node.get()));
    }
  }

  void add(const Site& site) {
    if (site.chain) {
      set_item(chains_, take(PyLong_FromSize_t(sites_.size())), rewrite_.chain_operators(site));
    }
    if (site.guards) raise(PyExc_ValueError, "a handler has a local guard (guard=)");
    std::uint8_t flags = 0;
    if (site.exempt) flags |= kExempt;
    if (site.chain) flags |= kChain;
    if (site.keeps_value) flags |= kKeepsValue;
    if (site.has_else) flags |= kHasElse;
    if (site.region_guard) flags |= kRegionGuard;
    sites_.push_back({site.node ? number_of(site.node.get()) : kNone, site.next,
                      number_of_names(site.names), number_of_values(site.names, site.values),
                      static_cast<std::uint16_t>(site.event), static_cast<std::uint8_t>(site.op),
                      flags});
  }

  std::uint32_t add_tuple(Borrowed tuple) {
    append(tuples_, tuple);
    return static_cast<std::uint32_t>(PyList_GET_SIZE(tuples_.get()) - 1);
  }

  std::uint32_t number_of_names(Borrowed names) {
    if (!names) return kNone;
    const auto [found, is_new] = tuple_numbers_.try_emplace(names.get(), 0);
    if (is_new) found->second = add_tuple(names);
    return found->second;
  }

  /// The tuple without what only this process knows: ids of nodes and names of guards.
  std::uint32_t number_of_values(Borrowed names, Borrowed values) {
    if (!values) return kNone;
    const auto [found, is_new] = tuple_numbers_.try_emplace(values.get(), 0);
    if (!is_new) return found->second;
    const Py_ssize_t count = PyTuple_GET_SIZE(values.get());
    Ref plain = take(PyTuple_New(count));
    const auto number = add_tuple(plain);
    found->second = number;
    for (Py_ssize_t i = 0; i < count; ++i) {
      Borrowed value = PyTuple_GET_ITEM(values.get(), i);
      const auto position = static_cast<std::uint32_t>(i);
      Borrowed guard =
          PyUnicode_CheckExact(value.get()) ? find_item(guard_numbers_, value) : Borrowed();
      if (guard) {
        guard_values_.push_back(
            {number, position, static_cast<std::uint32_t>(PyLong_AsUnsignedLong(guard.get()))});
        value = Py_None;
      } else if (PyLong_CheckExact(value.get()) && is_node_id(PyTuple_GET_ITEM(names.get(), i))) {
        ids_.push_back(
            {number, position, number_of(static_cast<PyObject*>(PyLong_AsVoidPtr(value.get())))});
        value = Py_None;
      }
      PyTuple_SET_ITEM(plain.get(), i, Py_NewRef(value.get()));
    }
    return number;
  }

  void place(Borrowed code, SitesTakenOut& out) {
    const RecursionScope depth(" while storing code");
    auto* object = reinterpret_cast<PyCodeObject*>(code.get());
    const std::size_t head = places_.size();
    places_.insert(places_.end(), {0, 0});
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(object->co_names); ++i) {
      Borrowed guard = find_item(guard_numbers_, PyTuple_GET_ITEM(object->co_names, i));
      if (!guard) continue;
      places_.push_back(static_cast<std::uint32_t>(i));
      places_.push_back(static_cast<std::uint32_t>(PyLong_AsUnsignedLong(guard.get())));
      ++places_[head];
    }
    PyObject* consts = object->co_consts;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(consts); ++i) {
      PyObject* value = PyTuple_GET_ITEM(consts, i);
      if (!state_.is_site(value)) continue;
      auto* site = reinterpret_cast<SiteObject*>(value);
      if (site->owner->rewrite != &rewrite_) {
        raise(PyExc_ValueError, "the code has events of another rewrite");
      }
      places_.push_back(static_cast<std::uint32_t>(i));
      places_.push_back(static_cast<std::uint32_t>(site->site - rewrite_.sites.data()));
      ++places_[head + 1];
      out.take_out(consts, i);
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(consts); ++i) {
      PyObject* value = PyTuple_GET_ITEM(consts, i);
      if (PyCode_Check(value)) place(value, out);
    }
  }

  SiteState& state_;
  Rewrite& rewrite_;
  std::unordered_map<PyObject*, std::uint32_t> numbers_;
  std::unordered_map<PyObject*, std::uint32_t> tuple_numbers_;
  Ref guard_numbers_;
  Ref tuples_ = list_of({});
  Ref chains_ = take(PyDict_New());
  std::vector<StoredSite> sites_;
  std::vector<std::uint32_t> guard_nodes_;
  std::vector<StoredId> ids_;
  std::vector<StoredId> guard_values_;
  /// For each code object in preorder: how many guards and sites, then (index, number) of each.
  std::vector<std::uint32_t> places_;
};

// ---- Reading

[[noreturn]] void corrupt() { raise(PyExc_ValueError, "not what store() wrote"); }

class Reader {
 public:
  Reader(SiteState& state, std::string_view bytes) : state_(state), rest_(bytes) {}

  Ref read(const Restoring& as) {
    const Head head = next<Head>(1)[0];
    const auto sites = next<StoredSite>(head.sites);
    const auto guard_nodes = next<std::uint32_t>(head.guards);
    const auto ids = next<StoredId>(head.ids);
    const auto guard_values = next<StoredId>(head.guard_values);
    places_ = next<std::uint32_t>(head.places);
    Ref objects = unmarshalled(head.objects);
    Ref code = unmarshalled(rest_.size());
    if (!PyTuple_CheckExact(objects.get()) || PyTuple_GET_SIZE(objects.get()) != 3 ||
        !PyList_CheckExact(PyTuple_GET_ITEM(objects.get(), 0)) ||
        !PyDict_CheckExact(PyTuple_GET_ITEM(objects.get(), 2)) || !PyCode_Check(code.get()) ||
        PyList_GET_SIZE(PyTuple_GET_ITEM(objects.get(), 0)) !=
            static_cast<Py_ssize_t>(head.keywords)) {
      corrupt();
    }
    tuples_ = PyTuple_GET_ITEM(objects.get(), 0);
    Ref object = state_.make_rewrite(nullptr, as.path, nullptr);
    owner_ = reinterpret_cast<RewriteObject*>(object.get());
    Rewrite& rewrite = *owner_->rewrite;
    rewrite.guards_enabled = (head.flags & kGuardsEnabled) != 0;
    rewrite.any_exempt = (head.flags & kAnyExempt) != 0;
    rewrite.filename = Ref::borrow(PyTuple_GET_ITEM(objects.get(), 1));
    rewrite.chains = Ref::borrow(PyTuple_GET_ITEM(objects.get(), 2));
    rewrite.unread = std::make_unique<Unread>();
    rewrite.unread->source = Ref::borrow(as.source);
    rewrite.unread->guards.assign(guard_nodes.begin(), guard_nodes.end());
    make_guards(head.guards);
    for (const StoredId& at : guard_values) {
      if (at.number >= rewrite.guards.size()) corrupt();
      set_value(at, rewrite.guards[at.number].name);
    }
    for (const StoredId& at : ids) {
      set_value(at, Py_None);
      rewrite.unread->ids.push_back({PyList_GET_ITEM(tuples_.get(), at.values),
                                     static_cast<Py_ssize_t>(at.position), at.number});
    }
    rewrite.sites.reserve(sites.size());
    rewrite.unread->nodes.reserve(sites.size());
    for (const StoredSite& site : sites) add(rewrite, site, sites.size());
    place(code);
    if (!places_.empty()) corrupt();
    if (as.bookkeeping) state_.list_rows(owner_);
    return take(PyTuple_Pack(2, code.get(), object.get()));
  }

 private:
  /// A view of items that stand unaligned in the bytes.
  template <typename T>
  class Items {
   public:
    Items() = default;
    Items(const char* data, std::size_t count) : data_(data), count_(count) {}
    std::size_t size() const { return count_; }
    bool empty() const { return count_ == 0; }
    T operator[](std::size_t i) const {
      T item;
      std::memcpy(&item, data_ + i * sizeof(T), sizeof(T));
      return item;
    }
    T pop() {
      if (count_ == 0) corrupt();
      const T item = (*this)[0];
      data_ += sizeof(T);
      --count_;
      return item;
    }
    struct Iterator {
      const Items* items;
      std::size_t at;
      using difference_type = std::ptrdiff_t;
      using value_type = T;
      using pointer = const T*;
      using reference = T;
      using iterator_category = std::input_iterator_tag;
      T operator*() const { return (*items)[at]; }
      Iterator& operator++() {
        ++at;
        return *this;
      }
      bool operator==(const Iterator& other) const { return at == other.at; }
    };
    Iterator begin() const { return {this, 0}; }
    Iterator end() const { return {this, count_}; }

   private:
    const char* data_ = nullptr;
    std::size_t count_ = 0;
  };

  template <typename T>
  Items<T> next(std::size_t count) {
    if (count > rest_.size() / sizeof(T)) corrupt();
    const Items<T> found(rest_.data(), count);
    rest_.remove_prefix(count * sizeof(T));
    return found;
  }

  Ref unmarshalled(std::size_t length) {
    if (length > rest_.size()) corrupt();
    Ref object =
        take(PyMarshal_ReadObjectFromString(rest_.data(), static_cast<Py_ssize_t>(length)));
    rest_.remove_prefix(length);
    return object;
  }

  void make_guards(std::uint32_t count) {
    Rewrite& rewrite = *owner_->rewrite;
    rewrite.guards.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      // No id of a node looks like this, and no other rewrite has this number while this one lives.
      Ref name = take(PyUnicode_FromFormat("_X5ix_PYCCOLO_GUARD_%u_%u", rewrite.id, i));
      PyObject* interned = name.release();
      PyUnicode_InternInPlace(&interned);
      state_.register_guard(rewrite, Ref::steal(interned), nullptr);
    }
  }

  Borrowed tuple_at(std::uint32_t number) const {
    if (static_cast<Py_ssize_t>(number) >= PyList_GET_SIZE(tuples_.get())) corrupt();
    Borrowed tuple = PyList_GET_ITEM(tuples_.get(), static_cast<Py_ssize_t>(number));
    if (!PyTuple_CheckExact(tuple.get())) corrupt();
    return tuple;
  }

  /// The tuple was unmarshalled a moment ago: nobody else has it.
  void set_value(const StoredId& at, Borrowed value) {
    Borrowed tuple = tuple_at(at.values);
    if (static_cast<Py_ssize_t>(at.position) >= PyTuple_GET_SIZE(tuple.get())) corrupt();
    PyObject** item = &reinterpret_cast<PyTupleObject*>(tuple.get())->ob_item[at.position];
    const Ref before = Ref::steal(std::exchange(*item, Py_NewRef(value.get())));
  }

  void add(Rewrite& rewrite, const StoredSite& stored, std::size_t count) {
    if (stored.event >= kEventCount || stored.op >= kOpCount ||
        (stored.next != kNone && stored.next >= count) ||
        (stored.names == kNone) != (stored.values == kNone)) {
      corrupt();
    }
    Site& site = rewrite.sites.emplace_back();
    site.event = static_cast<Event>(stored.event);
    site.op = static_cast<Op>(stored.op);
    site.next = stored.next;
    site.exempt = (stored.flags & kExempt) != 0;
    site.chain = (stored.flags & kChain) != 0;
    site.keeps_value = (stored.flags & kKeepsValue) != 0;
    site.has_else = (stored.flags & kHasElse) != 0;
    site.region_guard = (stored.flags & kRegionGuard) != 0;
    if (stored.names != kNone) {
      site.names = Ref::borrow(tuple_at(stored.names));
      site.values = Ref::borrow(tuple_at(stored.values));
      if (PyTuple_GET_SIZE(site.names.get()) != PyTuple_GET_SIZE(site.values.get())) corrupt();
    }
    site.unread = stored.node != kNone || stored.names != kNone;
    rewrite.unread->nodes.push_back(stored.node);
    site.settle_way();
  }

  void place(Borrowed code) {
    const RecursionScope depth(" while restoring code");
    auto* object = reinterpret_cast<PyCodeObject*>(code.get());
    const std::uint32_t guards = places_.pop();
    const std::uint32_t sites = places_.pop();
    for (std::uint32_t i = 0; i < guards; ++i) {
      const std::uint32_t index = places_.pop();
      const std::uint32_t number = places_.pop();
      if (static_cast<Py_ssize_t>(index) >= PyTuple_GET_SIZE(object->co_names) ||
          number >= owner_->rewrite->guards.size()) {
        corrupt();
      }
      compat::replace_name(code, static_cast<Py_ssize_t>(index),
                           owner_->rewrite->guards[number].name.copy());
    }
    PyObject* consts = object->co_consts;
    for (std::uint32_t i = 0; i < sites; ++i) {
      const std::uint32_t index = places_.pop();
      const std::uint32_t number = places_.pop();
      if (static_cast<Py_ssize_t>(index) >= PyTuple_GET_SIZE(consts) ||
          number >= owner_->rewrite->sites.size()) {
        corrupt();
      }
      compat::replace_const(code, static_cast<Py_ssize_t>(index),
                            state_.site_object(owner_, number));
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(consts); ++i) {
      PyObject* value = PyTuple_GET_ITEM(consts, i);
      if (PyCode_Check(value)) place(value);
    }
  }

  SiteState& state_;
  std::string_view rest_;
  Items<std::uint32_t> places_;
  Borrowed tuples_;
  RewriteObject* owner_ = nullptr;
};

}  // namespace

bool is_node_id(Borrowed keyword) {
  constexpr std::string_view kEnding = "_node_id";
  Py_ssize_t length = 0;
  const char* text = PyUnicode_AsUTF8AndSize(keyword.get(), &length);
  if (text == nullptr) throw PyRaised{};
  return std::string_view(text, static_cast<std::size_t>(length)).ends_with(kEnding);
}

Ref store(SiteState& state, Borrowed rewrite, Borrowed code) {
  auto* object = reinterpret_cast<RewriteObject*>(rewrite.get());
  if (object->rewrite->incomplete) {
    raise(PyExc_ValueError, "an event could not be woven somewhere, which is said each time");
  }
  if (object->rewrite->transformed) {
    raise(PyExc_ValueError, "another tool has changed the tree that was woven");
  }
  const compat::DeepTrees deep;
  object->rewrite->need_nodes();
  return Writer(state, object).write(code);
}

Ref restore(SiteState& state, std::string_view stored, const Restoring& as) {
  const GcPause pause;
  return Reader(state, stored).read(as);
}

}  // namespace pyccolo::site
