// Sites, and the shapes that are emitted for them.
#include "rewrite/rewriter.hpp"

namespace pyccolo::rewrite {

Ref Keywords::tuple(const Items& items) {
  Ref made = take(PyTuple_New(static_cast<Py_ssize_t>(items.size())));
  for (std::size_t i = 0; i < items.size(); ++i) {
    PyTuple_SET_ITEM(made.get(), static_cast<Py_ssize_t>(i), items[i].copy().release());
  }
  return made;
}

bool Rewriter::wants(Event event, Borrowed asked, Borrowed site_node) const {
  if (!exact_) return wants_of(event, asked, site_node);
  Borrowed from = origin(event, site_node);
  if (!from) return false;
  Borrowed about = asked.is(site_node) ? from : exact(asked);
  return about && wants_of(event, about, from);
}

bool Rewriter::wants_of(Event event, Borrowed asked, Borrowed origin) const {
  if (replayed_ != nullptr) {
    if (is_target(event, origin)) return true;
    return inside_target_ && replayed_->contains(replay_key(event, origin, exempt_));
  }
  return plan_->wants(event, asked, exempt_);
}

/// The before-event whose expression is sought, and not found yet.
bool Rewriter::is_target(Event event, Borrowed origin) const {
  return target_ != nullptr && !target_->woven && event == target_->event.event &&
         origin.is(target_->event.node) && exempt_ == target_->event.exempt;
}

Rewriter::Location Rewriter::at(Borrowed node) {
  const Location found = Location::of(ast_, node);
  return found ? found : here_;
}

/// The parser makes two int objects a node for its lines. The nodes live as long as the code, so equal ones are
/// shared.
void Rewriter::share_lines(Borrowed node) {
  constexpr long kSmallInts = 256;  // the interpreter shares those itself
  constexpr long kMostLines = 1L << 20;
  Borrowed dict = compat::instance_dict(node);
  if (!dict) return;
  for (const Ref* name : {&n_.lineno, &n_.end_lineno}) {
    Borrowed line = find_item(dict, *name);
    if (!line || !PyLong_CheckExact(line.get())) continue;
    const long number = PyLong_AsLong(line.get());
    if (number == -1 && PyErr_Occurred()) PyErr_Clear();
    if (number <= kSmallInts || number >= kMostLines) continue;
    const auto index = static_cast<std::size_t>(number);
    if (index >= lines_.size()) lines_.resize(index + index / 2);
    if (!lines_[index]) {
      lines_[index] = Ref::borrow(line);
    } else if (!lines_[index].is(line)) {
      retired_lines_.push_back(Ref::borrow(line));  // a Location may still look at it
      set_item(dict, *name, lines_[index]);
    }
  }
}

std::uint32_t Rewriter::site(Event event, Borrowed node, const Keywords& keywords, Op op) {
  Borrowed from = origin(event, node);
  return site_of(event, from ? from : node, keywords, op);
}

std::uint32_t Rewriter::site_of(Event event, Borrowed node, const Keywords& keywords, Op op) {
  const auto index = static_cast<std::uint32_t>(rewrite_.sites.size());
  if (index > Marker::kMaxIndex) {
    raise(PyExc_OverflowError, "%R: more than %u places to instrument in one tree",
          rewrite_.path.get(), Marker::kMaxIndex);
  }
  site::Site& made = rewrite_.sites.emplace_back();
  if (replayed_ != nullptr) {
    const site::Site& old = target_->of.sites[replayed_->at(replay_key(event, node, exempt_))];
    made.node = old.node.copy();
    made.names = old.names.copy();
    made.values = old.values.copy();
    made.guards = old.guards.copy();
    made.event = old.event;
    made.op = old.op;
    made.exempt = old.exempt;
    made.region_guard = old.region_guard;
    return index;
  }
  made.event = event;
  made.op = op;
  made.exempt = exempt_;
  made.node = Ref::borrow(node);
  if (!keywords.empty()) {
    // Equal tuples are shared: (False, False, None, True) stands at most arguments of a program.
    auto shared = [&](Ref tuple) {
      return Ref::borrow(PyDict_SetDefault(value_tuples_.get(), tuple.get(), tuple.get()));
    };
    made.names = shared(keywords.names_tuple());
    made.values = shared(keywords.values_tuple());
    if (!made.names) throw PyRaised{};
    if (!made.values) throw PyRaised{};
  }
  if (local_guards_woven_) {
    Ref guards = plan_->local_guards(event, node);
    for (Py_ssize_t i = 0; guards && i < PyTuple_GET_SIZE(guards.get()); ++i) {
      Borrowed guard = PyTuple_GET_ITEM(PyTuple_GET_ITEM(guards.get(), i), 1);
      // A guard nobody has set yet is off: woven code must never meet a NameError of ours.
      if (!find_item(state_.builtins, guard)) state_.set_builtin(guard, Py_False);
      if (!local_guards_ || !module_) continue;
      Ref registered = take(PyObject_GetItem(local_guards_.get(), id_of(module_).get()));
      ok(PySet_Add(registered.get(), guard.get()));
    }
    rewrite_.sites[index].guards = std::move(guards);
  }
  return index;
}

Ref Rewriter::marker(std::uint32_t index, const Location& at) {
  Ref number = take(PyLong_FromLongLong(rewrite_.marker(index)));
  return ast::make_constant(ast_, number, at);
}

Ref Rewriter::emit_call(std::uint32_t index, const Location& at, Ref value, Ref key) {
  Ref site_constant = marker(index, at);
  Ref arguments = !value ? list_of({site_constant.release()})
                  : !key ? list_of({site_constant.release(), value.release()})
                         : list_of({site_constant.release(), value.release(), key.release()});
  return ast::make_call(ast_, name(n_.emit, at), std::move(arguments), at);
}

Ref Rewriter::run_call(const Location& at, Ref arguments) {
  return ast::make_call(ast_, name(n_.run, at), std::move(arguments), at);
}

Ref Rewriter::unless_guarded(std::uint32_t index, Borrowed pristine, Ref woven,
                             const Location& at) {
  const Ref& guards = rewrite_.sites[index].guards;
  if (!guards) return woven;
  Ref tests = list_of({});
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(guards.get()); ++i) {
    Ref guard = Ref::borrow(PyTuple_GET_ITEM(PyTuple_GET_ITEM(guards.get(), i), 1));
    append(tests, name(guard, at));
  }
  Ref test = ast::make_bool_op(ast_, Kind::Or, std::move(tests), at);
  return ast::make_if_exp(ast_, std::move(test), Ref::borrow(pristine), std::move(woven), at);
}

/// The site of emit(site, value) or run([site]), if `call` is such a call of ours; else kNone.
std::uint32_t Rewriter::emitted_site(Borrowed call, const Ref& function) const {
  const ast::LeanLayout* layout = ast::lean_layout(call);
  if (layout == nullptr || ast_.kind_of(call) != Kind::Call) return site::Site::kNone;
  Borrowed func = ast::field(call, n_.func);
  if (ast::lean_layout(func) == nullptr || !ast::field(func, n_.id).is(function))
    return site::Site::kNone;
  Borrowed arguments = ast::field(call, n_.args);
  if (PyList_GET_SIZE(arguments.get()) == 0) return site::Site::kNone;
  Borrowed number = ast::field(PyList_GET_ITEM(arguments.get(), 0), n_.value);
  const auto marker = Marker::decode(PyLong_AsLongLong(number.get()));
  return marker && marker->rewrite == rewrite_.id ? marker->index : site::Site::kNone;
}

bool Rewriter::follow(Borrowed woven, std::uint32_t index) {
  const ast::LeanLayout* layout = ast::lean_layout(woven);
  if (layout == nullptr || local_guards_woven_) return false;
  auto append_to = [&](std::uint32_t first) {
    while (rewrite_.sites[first].next != site::Site::kNone && rewrite_.sites[first].next != index) {
      first = rewrite_.sites[first].next;
    }
    if (first != index) rewrite_.sites[first].next = index;
  };
  // emit(site, value): the next event gets what this one leaves.
  const std::uint32_t first = emitted_site(woven, n_.emit);
  if (first != site::Site::kNone) {
    if (rewrite_.sites[first].shape() != Shape::Value) return false;
    append_to(first);
    return true;
  }
  // value if emit(site) else run(): it follows both, the value and what stands in for it.
  if (ast_.kind_of(woven) != Kind::IfExp) return false;
  const std::uint32_t before = emitted_site(ast::field(woven, n_.test), n_.emit);
  if (before == site::Site::kNone || rewrite_.sites[before].shape() != Shape::Thunk ||
      rewrite_.sites[before].chain) {
    return false;
  }
  const Location place = Location::of(ast_, woven);
  Borrowed body = ast::field(woven, n_.body);
  if (!body) return false;  // a broken tree: the compiler says so
  if (!follow(body, index)) {
    Ref emitted = emit_call(index, place, Ref::borrow(body));
    ok(PyObject_SetAttr(woven.get(), n_.body.get(), emitted.get()));
  }
  Borrowed instead = ast::field(woven, n_.orelse);
  const std::uint32_t run_first = emitted_site(instead, n_.run);
  if (run_first == site::Site::kNone) {
    append(ast::field(instead, n_.args), marker(index, place));
  } else {
    append_to(run_first);
  }
  return true;
}

Ref Rewriter::value(Event event, Borrowed node, Ref woven, const Location& at,
                    const Keywords& keywords, Borrowed pristine) {
  const std::uint32_t index = site(event, node, keywords);
  if (follow(woven, index)) return woven;
  return unless_guarded(index, pristine ? pristine : node, emit_call(index, at, std::move(woven)),
                        at);
}

Ref Rewriter::thunk(Event event, Borrowed node, Ref woven, const Location& at,
                    const Keywords& keywords, Borrowed pristine) {
  const std::uint32_t index = site(event, node, keywords);
  if (is_target(event, origin(event, node))) {
    target_->woven = std::move(woven);
    target_->class_name = Ref::borrow(class_name_);
    inside_target_ = false;
    return Ref::borrow(node);  // what stands around it is not wanted again
  }
  Ref made =
      ast::make_if_exp(ast_, emit_call(index, at), std::move(woven), run_call(at, list_of({})), at);
  return unless_guarded(index, pristine ? pristine : node, std::move(made), at);
}

Ref Rewriter::notice(Event event, Borrowed node, const Location& at, const Keywords& keywords) {
  return ast::make_expr_stmt(ast_, emit_call(site(event, node, keywords), at), at);
}

Ref Rewriter::around(Event before, Event after, Borrowed node, Ref woven, const Location& at,
                     const Keywords& keywords, Borrowed pristine) {
  if (wants(before, node)) woven = thunk(before, node, std::move(woven), at, keywords, pristine);
  if (wants(after, node)) woven = value(after, node, std::move(woven), at, keywords, pristine);
  return woven;
}

Ref Rewriter::guard_name(Borrowed node) const {
  if (Borrowed pristine = exact(node)) node = pristine;
  const auto id = reinterpret_cast<std::size_t>(node.get());
  Borrowed stored = state_.find_guard(id);
  return stored ? Ref::borrow(stored) : site::SiteState::guard_name(id);
}

void Rewriter::register_guard(Ref guard, Borrowed node) {
  if (replayed_ == nullptr) state_.register_guard(rewrite_, std::move(guard), node);
}

}  // namespace pyccolo::rewrite
