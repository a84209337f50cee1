#include "dispatch/disabled.hpp"

#include <algorithm>
#include <unordered_map>

#include "dispatch/handler.hpp"
#include "site/rewrite.hpp"

namespace pyccolo::dispatch {

namespace {

using DisabledSites = std::unordered_map<const site::Site*, DisabledAt>;

}  // namespace

bool DisabledAt::has(const Handler& handler) const {
  return std::ranges::any_of(entries_, [&](const Entry& entry) {
    return entry.armed == handler.armed && entry.number == entry.armed->number;
  });
}

void DisabledAt::add(const Handler& handler) {
  prune();
  if (handler.armed && !has(handler)) entries_.push_back({handler.armed, handler.armed->number});
}

bool DisabledAt::prune() {
  std::erase_if(entries_, [](const Entry& entry) { return entry.number != entry.armed->number; });
  return entries_.empty();
}

ArmedHandlers::~ArmedHandlers() {
  for (Row& row : rows_) row.armed->number = 0;
}

ArmedHandlers::Row& ArmedHandlers::row_of(Borrowed spec, Event event) {
  for (Row& row : rows_) {
    if (row.spec.is(spec) && row.event == event) return row;
  }
  return rows_.emplace_back(Row{Ref::borrow(spec), event, std::make_shared<Armed>(), {}, {}});
}

std::shared_ptr<const Armed> ArmedHandlers::of(Borrowed spec, Event event) {
  return row_of(spec, event).armed;
}

Borrowed ArmedHandlers::lean_of(Borrowed spec, Event event, Borrowed function) {
  Borrowed code = PyFunction_Check(function.get()) ? PyFunction_GET_CODE(function.get()) : nullptr;
  if (!code) return nullptr;
  if (!row_of(spec, event).code.is(code)) {
    Ref made = without_the_rest(function);
    Row& row = row_of(spec, event);
    row.code = Ref::borrow(code);
    row.lean = std::move(made);
  }
  return row_of(spec, event).lean;
}

void ArmedHandlers::rearm() {
  for (Row& row : rows_) ++row.armed->number;
  nowhere.prune();
}

void ArmedHandlers::rearm(Event event) {
  for (Row& row : rows_) {
    if (row.event == event) ++row.armed->number;
  }
  nowhere.prune();
}

int ArmedHandlers::traverse(visitproc visit, void* arg) const {
  for (const Row& row : rows_) {
    Py_VISIT(row.spec.get());
    Py_VISIT(row.lean.get());
  }
  return 0;
}

DisabledAt* disabled_at(const site::Rewrite& rewrite, const site::Site& site) {
  auto* sites = static_cast<DisabledSites*>(rewrite.disabled.get());
  if (sites == nullptr) return nullptr;
  const auto found = sites->find(&site);
  return found == sites->end() ? nullptr : &found->second;
}

DisabledAt& make_disabled_at(site::Rewrite& rewrite, const site::Site& site) {
  if (!rewrite.disabled) rewrite.disabled = std::make_shared<DisabledSites>();
  return (*static_cast<DisabledSites*>(rewrite.disabled.get()))[&site];
}

}  // namespace pyccolo::dispatch
