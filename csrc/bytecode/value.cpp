#include "bytecode/value.hpp"

#include <string_view>

namespace pyccolo::bytecode {

namespace {

struct Name {
  Kinds kinds;
  std::string_view text;
};

/// Sets before their parts, and the more telling before the others.
constexpr Name kNames[] = {
    {kObjects | kNull, "an object or NULL"},
    {kObjects, "an object"},
    {kLists, "a list"},
    {kTuples, "a tuple"},
    {kCells, "a cell"},
    {kFunctions, "a function that was just made"},
    {kSaved, "None or an exception"},
    {kNull, "NULL"},
    {kOpenFunction, "a function without its closure"},
    {kScopeFunction, "a function of the compiler's own, which can only be called"},
    {kPosition, "the position of an iteration"},
    {kLasti, "the place of an exception"},
    {kNone, "None"},
    {kAny, "any object"},
    {kBool, "True or False"},
    {kInt, "an integer"},
    {kStr, "a string constant"},
    {kException, "an exception"},
    {kIterator, "an iterator"},
    {kIterationOf, "what GET_ITER leaves"},
    {kList, "a list"},
    {kExceptionList, "a list of exceptions"},
    {kSet, "a set"},
    {kDict, "a dict"},
    {kTupleOfStr, "a tuple of strings"},
    {kTupleOfCells, "a tuple of cells"},
    {kTupleOfInterpolations, "a tuple of interpolations"},
    {kAliasTuple, "a tuple of name, type parameters and function"},
    {kTuple, "a tuple"},
    {kCell, "a cell"},
    {kCellOfTuple, "a cell"},
    {kInterpolation, "an interpolation"},
    {kCode, "a code object"},
    {kFunction, "a function"},
};

}  // namespace

std::string described(Kinds accepted) {
  // These are objects in some versions; it would not help to know.
  if ((accepted & kObjects) == kObjects) accepted &= kObjects | kNull;
  std::string text;
  for (const Name& name : kNames) {
    if (accepted == 0) break;
    if ((name.kinds & ~accepted) != 0) continue;
    if (!text.empty()) text += " or ";
    text += name.text;
    accepted &= ~name.kinds;
  }
  return text;
}

std::string first_of(Kinds kinds) {
  for (const Name& name : kNames) {
    if ((name.kinds & (name.kinds - 1)) == 0 && (name.kinds & kinds) != 0) {
      return std::string(name.text);
    }
  }
  return "nothing";
}

}  // namespace pyccolo::bytecode
