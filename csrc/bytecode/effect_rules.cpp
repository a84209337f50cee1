#include "bytecode/effect_rules.hpp"

#include <string_view>

namespace pyccolo::bytecode {

namespace {

Kinds accepted(Version version, char letter) {
  const Kinds objects = objects_of(version);
  switch (letter) {
    case 'm':
      return objects | kNull;
    case 'n':
      return kNull;
    case 'e':
      return kException;
    case 'p':
      return kSaved;
    case 'i':
      return kIterator;
    case 'l':
      return kLists;
    case 's':
      return kSet;
    case 'd':
      return kDict;
    case 't':
      return kTuples;
    case 'u':
      return kTupleOfStr;
    case 'k':
      return kCode;
    case 'f':
      return kFunctions;
    case 'c':
      return kCells;
    case 'x':
      return kNull | kPosition;
    default:
      return objects;
  }
}

Kinds produced(char letter) {
  switch (letter) {
    case '=':
      return EffectRule::kSame;
    case 'm':
      return kAny | kNull;
    case 'n':
    case 'x':
      return kNull;
    case 'e':
      return kException;
    case 'p':
      return kSaved;
    case 'i':
      return kIterator;
    case 'l':
      return kList;
    case 's':
      return kSet;
    case 'd':
      return kDict;
    case 't':
      return kTuple;
    case 'u':
      return kTupleOfStr;
    case 'k':
      return kCode;
    case 'f':
      return kFunction;
    case 'c':
      return kCell;
    default:
      return kAny;
  }
}

EffectRule rule_of(Version version, const OpInfo& info) {
  EffectRule rule;
  const std::string_view in = info.in;
  const std::string_view out = info.out;
  for (char letter : in) rule.in[rule.ins++] = accepted(version, letter);
  for (char letter : out) rule.out[rule.outs++] = produced(letter);
  rule.deeper_in = accepted(version, in.empty() ? 'o' : in.front());
  rule.deeper_out = produced(out.empty() ? 'o' : out.front());
  return rule;
}

/// Finer than the letters are.
void refine(Version version, EffectRules& rules) {
  const auto of = [&](Op op) -> EffectRule& { return rules[static_cast<std::size_t>(op)]; };
  const auto gives_bool = [&](Op op) {
    EffectRule& rule = of(op);
    if (rule.outs != 0) rule.out[static_cast<std::size_t>(rule.outs - 1)] = kBool;
  };
  for (Op op : {Op::IS_OP, Op::CONTAINS_OP, Op::TO_BOOL, Op::UNARY_NOT, Op::MATCH_MAPPING,
                Op::MATCH_SEQUENCE, Op::CHECK_EXC_MATCH}) {
    gives_bool(op);
  }
  if (version >= Version::V313) {
    for (Op op : {Op::UNARY_NOT, Op::POP_JUMP_IF_FALSE, Op::POP_JUMP_IF_TRUE}) {
      of(op).in[0] = kBool;
    }
  }
  const Kinds anything = version >= Version::V314 ? kNull | kLasti | kPosition : 0;
  of(Op::POP_TOP).in[0] |= anything;
  if (version >= Version::V314) of(Op::CALL_FUNCTION_EX).in[3] = kDict | kNull;
  const std::size_t lasti = version >= Version::V314 ? 2 : 1;
  of(Op::WITH_EXCEPT_START).in[lasti] = kLasti;
  of(Op::PREP_RERAISE_STAR).in[1] = kExceptionList;
  of(Op::BUILD_INTERPOLATION).out[0] = kInterpolation;
  of(Op::LOAD_SMALL_INT).out[0] = kInt;
  of(Op::GET_LEN).out[1] = kInt;
}

EffectRules rules_for(Version version) {
  EffectRules rules{};
  for (int op = 0; op < kOpCount; ++op) {
    const OpInfo* info = find_op(version, static_cast<Op>(op));
    if (info != nullptr) rules[static_cast<std::size_t>(op)] = rule_of(version, *info);
  }
  refine(version, rules);
  return rules;
}

}  // namespace

const EffectRules& effect_rules(Version version) {
  static const std::array<EffectRules, kVersionCount> kRules = {
      rules_for(Version::V311), rules_for(Version::V312), rules_for(Version::V313),
      rules_for(Version::V314), rules_for(Version::V315)};
  return kRules[static_cast<std::size_t>(index_of(version))];
}

}  // namespace pyccolo::bytecode
