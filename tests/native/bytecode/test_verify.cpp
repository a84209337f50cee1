// bytecode/verify.hpp: operands, the beginning of code, values and slots.
#include "bytecode/verify.hpp"

#include <doctest/doctest.h>

#include "bodies.hpp"

namespace pyccolo::test {

using namespace bytecode;

namespace {

constexpr Version kAll[] = {Version::V311, Version::V312, Version::V313, Version::V314,
                            Version::V315};

}  // namespace

// -- operands ---------------------------------------------------------------------------------------------------------

TEST_CASE("what is right has no problem") {
  for (Version version : kAll) CHECK(verdict(version, {}) == "");
}

TEST_CASE("the version must have the instruction") {
  CHECK(verdict(Version::V313, {{Op::PRECALL, 0}}) ==
        "1: PRECALL is no instruction of CPython 3.13");
  CHECK(verdict(Version::V312, {{Op::INTERPRETER_EXIT}}) ==
        "1: INTERPRETER_EXIT is for the interpreter's own frames");
}

TEST_CASE("constants, names and slots must be there") {
  CHECK(verdict(Version::V312, {{Op::LOAD_CONST, 99}, {Op::POP_TOP}}) ==
        "1: LOAD_CONST wants number 99 of the constants; there are 10");
  CHECK(verdict(Version::V312, {{Op::LOAD_GLOBAL, 4}, {Op::POP_TOP}}) ==
        "1: LOAD_GLOBAL wants number 2 of the names; there are 2");
  CHECK(verdict(Version::V312, {{Op::LOAD_GLOBAL, 2}, {Op::POP_TOP}}) == "");
  CHECK(verdict(Version::V313, {{Op::LOAD_FAST_LOAD_FAST, 4}, {Op::POP_TOP}, {Op::POP_TOP}}) ==
        "1: LOAD_FAST_LOAD_FAST wants number 4 of the slots; there are 3");
  CHECK(verdict(Version::V313, {{Op::LOAD_FAST_LOAD_FAST, 0}, {Op::POP_TOP}, {Op::POP_TOP}}) == "");
}

TEST_CASE("what is for cells needs a slot for a cell") {
  CHECK(verdict(Version::V313, {{Op::LOAD_DEREF, kArgument}, {Op::POP_TOP}}) ==
        "1: LOAD_DEREF 0: the slot is for no cell and no free variable");
}

TEST_CASE("operands are in their ranges") {
  CHECK(verdict(Version::V311, {{Op::LOAD_CONST, 0}, {Op::LOAD_CONST, 0}, {Op::BINARY_OP, 26}}) ==
        "3: BINARY_OP 26: there is no such operation");
  CHECK(verdict(Version::V314, {{Op::LOAD_SMALL_INT, 257}, {Op::POP_TOP}}) ==
        "1: LOAD_SMALL_INT 257: the operand is from 0 to 256");
  CHECK(verdict(Version::V315, {{Op::LOAD_SMALL_INT, 257}, {Op::POP_TOP}}) == "");
  CHECK(verdict(Version::V312, {{Op::COPY, 0}}) == "1: COPY 0: the operand is at least 1");
  CHECK(verdict(Version::V312, {{Op::LOAD_CONST, 0}, {Op::POP_TOP, 7}}) ==
        "2: POP_TOP 7: it has no operand");
  CHECK(verdict(Version::V313, {{Op::RESUME, 8}}) ==
        "1: RESUME 8: no such place to go on from is known");
  CHECK(verdict(Version::V314, {{Op::LOAD_COMMON_CONSTANT, 7}, {Op::POP_TOP}}) ==
        "1: LOAD_COMMON_CONSTANT 7: there is no such constant");
  CHECK(verdict(Version::V315, {{Op::LOAD_COMMON_CONSTANT, 7}, {Op::POP_TOP}}) == "");
}

TEST_CASE("a comparison has the bits that go with it") {
  const auto compare = [](std::uint32_t operand) {
    return verdict(
        Version::V313,
        {{Op::LOAD_CONST, 0}, {Op::LOAD_CONST, 0}, {Op::COMPARE_OP, operand}, {Op::POP_TOP}});
  };
  CHECK(compare(2 << 5 | 8) == "");
  CHECK(compare(2 << 5 | 16 | 8) == "");
  CHECK(compare(2 << 5 | 4) ==
        "3: COMPARE_OP 68: the low four bits are those of another comparison");
  CHECK(compare(6 << 5) == "3: COMPARE_OP 192: there is no such comparison");
}

TEST_CASE("jumps keep to their direction and to the code") {
  CHECK(verdict(Version::V313, {{Op::JUMP_FORWARD, 1}}) == "1: JUMP_FORWARD cannot go backward");
  CHECK(verdict(Version::V313, {{Op::JUMP_BACKWARD, 2}, {Op::NOP}}) ==
        "1: JUMP_BACKWARD cannot go forward");
  CHECK(verdict(Version::V313, {{Op::JUMP_FORWARD, 9}}) ==
        "1: JUMP_FORWARD goes behind the end of the code");
}

TEST_CASE("problems of depth are problems") {
  CHECK(verdict(Version::V313, {{Op::POP_TOP}}).starts_with("1: POP_TOP takes 1 value"));
  CHECK(verdict(whole(Version::V313, {})) == "there are no instructions");
}

TEST_CASE("there are as many problems as are asked for") {
  const Body body = inner(Version::V313, {{Op::RESUME, 9}, {Op::RESUME, 9}, {Op::RESUME, 9}});
  CHECK(verify(body, plain_facts(), 2).size() == 2);
  CHECK(verify(body, plain_facts()).size() == 3);
}

// -- the beginning ----------------------------------------------------------------------------------------------------

TEST_CASE("code begins with RESUME") {
  const std::string missing =
      "0: there is no RESUME 0 where the code begins; only COPY_FREE_VARS, MAKE_CELL, "
      "RETURN_GENERATOR and POP_TOP may come before it";
  const Steps code = {{Op::LOAD_CONST, 0}, {Op::RETURN_VALUE}};
  CHECK(verdict(whole(Version::V313, code)) == missing);
  CHECK(verdict(whole(Version::V313, {{Op::NOP}, {Op::RESUME, 0}, {Op::JUMP_BACKWARD, 0}})) ==
        "0: control cannot come back before RESUME 0");
  CHECK(verdict(inner(Version::V313, {}), cell_facts()) ==
        "0: the cell variable in slot 3 needs a MAKE_CELL before RESUME 0");
  CHECK(cell_verdict(Version::V313, {}) == "");
}

TEST_CASE("free variables are copied first") {
  CodeFacts facts = plain_facts();
  facts.slots.push_back(kFreeSlot);
  const Steps rest = {{Op::RESUME, 0}, {Op::LOAD_DEREF, 3}, {Op::RETURN_VALUE}};
  const auto after = [&](Steps first) {
    first.insert(first.end(), rest.begin(), rest.end());
    return verdict(whole(Version::V313, first), facts);
  };
  CHECK(after({{Op::COPY_FREE_VARS, 1}}) == "");
  CHECK(after({}) == "0: code with free variables begins with COPY_FREE_VARS 1");
  CHECK(after({{Op::COPY_FREE_VARS, 2}}) ==
        "0: COPY_FREE_VARS copies 2 free variables; there are 1");
  CHECK(verdict(whole(Version::V313, {{Op::COPY_FREE_VARS, 1},
                                      {Op::RESUME, 0},
                                      {Op::COPY_FREE_VARS, 1},
                                      {Op::LOAD_CONST, 0},
                                      {Op::RETURN_VALUE}}),
                facts) == "2: COPY_FREE_VARS is run once, before RESUME");
}

TEST_CASE("what the flags say goes with RETURN_GENERATOR") {
  const Steps generator = {{Op::RETURN_GENERATOR},
                           {Op::POP_TOP},
                           {Op::RESUME, 0},
                           {Op::LOAD_CONST, 0},
                           {Op::RETURN_VALUE}};
  CHECK(verdict(whole(Version::V313, generator), generator_facts()) == "");
  CHECK(verdict(whole(Version::V313, generator)) ==
        "0: RETURN_GENERATOR needs a flag for generator or coroutine");
  CHECK(verdict(inner(Version::V313, {}), generator_facts()) ==
        "0: the flags say generator or coroutine: RETURN_GENERATOR must come before RESUME, "
        "behind nothing but COPY_FREE_VARS and MAKE_CELL");
}

// -- values -----------------------------------------------------------------------------------------------------------

TEST_CASE("NULL is no value") {
  CHECK(verdict(Version::V313, {{Op::PUSH_NULL}, {Op::POP_TOP}}) ==
        "2: POP_TOP takes an object on top of the stack; here it may be NULL");
  CHECK(verdict(Version::V314, {{Op::PUSH_NULL}, {Op::POP_TOP}}) == "");
  CHECK(verdict(Version::V313, {{Op::PUSH_NULL}, {Op::COPY, 1}, {Op::POP_TOP}, {Op::POP_TOP}})
            .starts_with("2: COPY takes"));
  CHECK(verdict(Version::V313, {{Op::PUSH_NULL},
                                {Op::LOAD_CONST, 0},
                                {Op::SWAP, 2},
                                {Op::STORE_FAST, kLocal},
                                {Op::POP_TOP}}) == "");
}

TEST_CASE("containers that are added to are what they must be") {
  const auto adding = [](Op make, Op add) {
    return verdict(Version::V313, {{make, 0}, {Op::LOAD_CONST, 0}, {add, 1}, {Op::POP_TOP}});
  };
  CHECK(adding(Op::BUILD_LIST, Op::LIST_APPEND) == "");
  CHECK(adding(Op::BUILD_SET, Op::SET_ADD) == "");
  CHECK(adding(Op::BUILD_MAP, Op::DICT_UPDATE) == "");
  CHECK(adding(Op::BUILD_SET, Op::LIST_APPEND) ==
        "3: LIST_APPEND takes a list below the topmost value; here it may be a set");
  CHECK(adding(Op::BUILD_LIST, Op::SET_ADD) ==
        "3: SET_ADD takes a set below the topmost value; here it may be a list of exceptions");
  CHECK(adding(Op::BUILD_LIST, Op::DICT_UPDATE)
            .starts_with("3: DICT_UPDATE takes a dict below the topmost value"));
}

TEST_CASE("kinds come together where control does") {
  const auto either = [](Op first, Op second) {
    return verdict(Version::V313, {{Op::LOAD_FAST, kArgument},
                                   {Op::TO_BOOL},
                                   {Op::POP_JUMP_IF_FALSE, 6},
                                   {first, 0},
                                   {Op::JUMP_FORWARD, 7},
                                   {second, 0},
                                   {Op::LOAD_CONST, 0},
                                   {Op::LIST_APPEND, 1},
                                   {Op::POP_TOP}});
  };
  CHECK(either(Op::BUILD_LIST, Op::BUILD_LIST) == "");
  CHECK(either(Op::BUILD_LIST, Op::BUILD_SET)
            .starts_with("8: LIST_APPEND takes a list below the topmost value"));
}

TEST_CASE("what is known changes in a loop") {
  const Steps loop = {{Op::BUILD_LIST, 0}, {Op::LOAD_CONST, 0}, {Op::LIST_APPEND, 1},
                      {Op::POP_TOP},       {Op::BUILD_SET, 0},  {Op::JUMP_BACKWARD, 2}};
  CHECK(verdict(Version::V313, loop)
            .starts_with("3: LIST_APPEND takes a list below the topmost value"));
}

TEST_CASE("a branch of 3.13 takes True or False") {
  const auto branching = [](const Steps& condition) {
    Steps steps = condition;
    const auto target = static_cast<std::uint32_t>(condition.size() + 2);
    steps.push_back({Op::POP_JUMP_IF_FALSE, target});
    return verdict(Version::V313, steps);
  };
  CHECK(branching({{Op::LOAD_FAST, kArgument}}) ==
        "2: POP_JUMP_IF_FALSE takes True or False on top of the stack; here it may be any object");
  CHECK(branching({{Op::LOAD_FAST, kArgument}, {Op::TO_BOOL}}) == "");
  const std::uint32_t equal = 2 << 5 | 8;
  CHECK(branching(
            {{Op::LOAD_FAST, kArgument}, {Op::LOAD_CONST, 0}, {Op::COMPARE_OP, equal | 16}}) == "");
  CHECK(branching({{Op::LOAD_FAST, kArgument}, {Op::LOAD_CONST, 0}, {Op::COMPARE_OP, equal}}) !=
        "");
  CHECK(branching({{Op::LOAD_FAST, kArgument},
                   {Op::LOAD_CONST, kNumberConstant},
                   {Op::COMPARE_OP, equal}}) == "");
}

TEST_CASE("a template has one string more than interpolations") {
  const auto with_strings = [](std::uint32_t strings) {
    Steps steps(strings, Step{Op::LOAD_CONST, kNameConstant});
    const Steps rest = {{Op::BUILD_TUPLE, strings},
                        {Op::LOAD_FAST, kArgument},
                        {Op::LOAD_CONST, kNameConstant},
                        {Op::BUILD_INTERPOLATION, 2},
                        {Op::BUILD_TUPLE, 1},
                        {Op::BUILD_TEMPLATE},
                        {Op::POP_TOP}};
    steps.insert(steps.end(), rest.begin(), rest.end());
    return verdict(Version::V314, steps);
  };
  CHECK(with_strings(2) == "");
  CHECK(with_strings(3) == "9: BUILD_TEMPLATE needs one string more than interpolations");
}

// -- slots ------------------------------------------------------------------------------------------------------------

TEST_CASE("LOAD_FAST reads what is bound") {
  const Steps load = {{Op::LOAD_FAST, kLocal}, {Op::POP_TOP}};
  CHECK(verdict(Version::V311, load) == "");
  CHECK(verdict(Version::V312, load) ==
        "1: LOAD_FAST reads slot 1, which may be unbound here; LOAD_FAST_CHECK is for that");
  CHECK(verdict(Version::V312, {{Op::LOAD_FAST_CHECK, kLocal},
                                {Op::POP_TOP},
                                {Op::LOAD_FAST, kLocal},
                                {Op::POP_TOP}}) == "");
  CHECK(verdict(Version::V312, {{Op::LOAD_FAST, kArgument}, {Op::POP_TOP}}) == "");
  CHECK(verdict(Version::V312,
                {{Op::DELETE_FAST, kArgument}, {Op::LOAD_FAST, kArgument}, {Op::POP_TOP}})
            .starts_with("2: LOAD_FAST reads slot 0"));
  CHECK(verdict(Version::V312, {{Op::LOAD_FAST_AND_CLEAR, kLocal},
                                {Op::LOAD_CONST, 0},
                                {Op::STORE_FAST, kLocal},
                                {Op::LOAD_FAST, kLocal},
                                {Op::POP_TOP},
                                {Op::STORE_FAST, kLocal}}) == "");
}

TEST_CASE("a handler knows of a slot what is so before each instruction of the range") {
  const Steps steps = {{Op::LOAD_CONST, 0},
                       {Op::STORE_FAST, kLocal},
                       {Op::NOP},
                       {Op::LOAD_CONST, 0},
                       {Op::RETURN_VALUE},
                       {Op::POP_TOP},  // the handler
                       {Op::LOAD_FAST, kLocal},
                       {Op::POP_TOP}};
  CHECK(verdict(Version::V312, steps, {{.begin = 3, .end = 4, .target = 6}}) == "");
  CHECK(verdict(Version::V312, steps, {{.begin = 2, .end = 3, .target = 6}})
            .starts_with("7: LOAD_FAST reads slot 1"));
}

TEST_CASE("what is for cells finds one") {
  const Step load = {Op::LOAD_DEREF, kCellVariable};
  CHECK(cell_verdict(Version::V313, {load, {Op::POP_TOP}}) == "");
  CHECK(cell_verdict(Version::V313, {{Op::DELETE_FAST, kCellVariable}, load, {Op::POP_TOP}}) ==
        "3: LOAD_DEREF needs a cell in its slot; there may be none here");
  CHECK(cell_verdict(Version::V313, {{Op::LOAD_CONST, 0},
                                     {Op::STORE_FAST, kCellVariable},
                                     {Op::LOAD_CONST, 0},
                                     {Op::STORE_DEREF, kCellVariable}}) ==
        "5: STORE_DEREF needs a cell in its slot; there may be none here");
  // As a comprehension does with a cell of the same name.
  CHECK(cell_verdict(Version::V313, {{Op::LOAD_FAST_AND_CLEAR, kCellVariable},
                                     {Op::MAKE_CELL, kCellVariable},
                                     {Op::STORE_FAST, kCellVariable},
                                     load,
                                     {Op::POP_TOP}}) == "");
}

TEST_CASE("a free variable keeps its cell") {
  CodeFacts facts = plain_facts();
  facts.slots.push_back(kFreeSlot);
  CHECK(verdict(whole(Version::V312, {{Op::COPY_FREE_VARS, 1},
                                      {Op::RESUME, 0},
                                      {Op::LOAD_CONST, 0},
                                      {Op::STORE_FAST, 3},
                                      {Op::LOAD_CONST, 0},
                                      {Op::RETURN_VALUE}}),
                facts) ==
        "3: STORE_FAST changes the slot of a free variable, which must hold a cell");
}

TEST_CASE("a class has its namespace") {
  CodeFacts facts = cell_facts();
  const Steps steps = {{Op::LOAD_CLASSDEREF, kCellVariable}, {Op::POP_TOP}};
  CHECK(cell_verdict(Version::V311, steps, facts)
            .starts_with("2: LOAD_CLASSDEREF looks into the namespace of a class"));
  facts.flags = 0;
  CHECK(cell_verdict(Version::V311, steps, facts) == "");
}

// -- borrowed references ----------------------------------------------------------------------------------------------

TEST_CASE("what is borrowed is there as long as it is used") {
  const auto between = [](const Steps& steps, Op load = Op::LOAD_FAST_BORROW) {
    Steps all = {{load, kArgument}};
    all.insert(all.end(), steps.begin(), steps.end());
    all.push_back({Op::POP_TOP});
    return verdict(Version::V314, all);
  };
  const Steps store = {{Op::LOAD_CONST, 0}, {Op::STORE_FAST, kArgument}};
  CHECK(between(store) ==
        "3: STORE_FAST changes slot 0, whose value was borrowed by LOAD_FAST_BORROW and is still "
        "on the stack; LOAD_FAST takes a reference of its own");
  CHECK(between(store, Op::LOAD_FAST) == "");
  CHECK(between({{Op::LOAD_CONST, 0}, {Op::STORE_FAST, kOther}}) == "");
  CHECK(between({{Op::DELETE_FAST, kArgument}}).starts_with("2: DELETE_FAST changes slot 0"));
  CHECK(between({{Op::LOAD_FAST_AND_CLEAR, kArgument}, {Op::POP_TOP}})
            .starts_with("2: LOAD_FAST_AND_CLEAR changes slot 0"));
  // Copies are borrowed, too; what is made of the value is not.
  CHECK(between({{Op::COPY, 1},
                 {Op::SWAP, 2},
                 {Op::POP_TOP},
                 {Op::LOAD_CONST, 0},
                 {Op::STORE_FAST, kArgument}})
            .starts_with("6: STORE_FAST changes slot 0"));
  CHECK(between({{Op::UNARY_INVERT}, {Op::LOAD_CONST, 0}, {Op::STORE_FAST, kArgument}}) == "");
  CHECK(
      between({{Op::LOAD_ATTR, 1}, {Op::LOAD_CONST, 0}, {Op::STORE_FAST, kArgument}, {Op::CALL, 0}})
          .starts_with("4: STORE_FAST changes slot 0"));
}

TEST_CASE("what is borrowed is not kept") {
  CHECK(verdict(Version::V314, {{Op::LOAD_FAST_BORROW, kArgument}, {Op::STORE_FAST, kLocal}}) ==
        "2: STORE_FAST keeps a value that LOAD_FAST_BORROW only borrowed; LOAD_FAST takes a "
        "reference of its own");
  CHECK(verdict(Version::V314, {{Op::LOAD_FAST, kArgument}, {Op::STORE_FAST, kLocal}}) == "");
}

}  // namespace pyccolo::test
