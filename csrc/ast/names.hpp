// ast/names.hpp: interned strings, by identifier.
#pragma once

#include "py/object.hpp"

namespace pyccolo::ast {

/// Strings of def/names.def. Fields of the struct, so that a misspelt one does not compile.
struct Names {
#define NAME(id) Ref id;
#define NAMED(id, text) Ref id;
#include "def/names.def"

  Names() : Names(nullptr) {}

 private:
  explicit Names(std::nullptr_t);
};

inline Names::Names(std::nullptr_t) {
#define NAME(id) id = intern(#id);
#define NAMED(id, text) id = intern(text);
#include "def/names.def"
}

}  // namespace pyccolo::ast
