// bytecode/listing.hpp: a body whose instructions are looked up, for those who go through it more than once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bytecode/verify.hpp"

namespace pyccolo::bytecode {

struct Listing {
  const Body& body;
  const CodeFacts& facts;
  std::vector<const OpInfo*>
      infos;  ///< by instruction; null if the version has no such instruction
  std::vector<std::uint8_t>
      is_target;  ///< by instruction: control comes there from elsewhere than from before

  Listing(const Body& looked_up, const CodeFacts& known) : body(looked_up), facts(known) {
    infos.reserve(body.instructions.size());
    for (const Instruction& instruction : body.instructions) {
      infos.push_back(find_op(body.version, instruction.op));
    }
    is_target.resize(body.instructions.size());
  }

  std::size_t size() const { return body.instructions.size(); }
  Op op(std::size_t index) const { return body.instructions[index].op; }
  std::uint32_t arg(std::size_t index) const { return body.instructions[index].arg; }
  std::string name(std::size_t index) const { return std::string(name_of(op(index))); }
};

}  // namespace pyccolo::bytecode
