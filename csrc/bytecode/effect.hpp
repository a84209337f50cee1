// bytecode/effect.hpp: what one instruction takes from a frame and leaves there, by kinds of values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "bytecode/effect_rules.hpp"
#include "bytecode/report.hpp"

namespace pyccolo::bytecode {

/// A frame, as far as it is known, and instructions that run on it. Depths and operands must have been checked.
class Effects {
 public:
  Effects(const Body& body, const CodeFacts& facts, std::int32_t stack_size);

  /// Problems are counted only, until there is a report to add them to.
  void report_to(Report& report) { report_ = &report; }
  bool has_failed() const { return has_failed_; }
  void complain(std::size_t index, const std::string& reason);

  /// Before the first instruction.
  void enter();
  /// Runs an instruction; one that branches goes on.
  void run(std::size_t index, const OpInfo& info);

  std::vector<Value> stack;
  std::int32_t depth = 0;
  std::vector<Slot> slots;

  // What the last instruction has changed.
  std::int32_t lowest_written = 0;  ///< place on the stack
  std::array<std::uint32_t, 2> written_slots{};
  std::uint32_t written_slot_count = 0;
  bool wrote_all_slots = false;

 private:
  std::uint32_t arg() const { return body_.instructions[index_].arg; }
  std::int32_t count() const { return static_cast<std::int32_t>(arg()); }
  std::string name() const { return std::string(name_of(body_.instructions[index_].op)); }
  /// The value that has `above` values above it.
  Value& at(std::int32_t above) { return stack[static_cast<std::size_t>(depth - 1 - above)]; }

  bool expect(bool holds, const char* reason);
  void check(std::int32_t above, Kinds accepted);
  /// From the top.
  void check_objects(std::int32_t begin, std::int32_t end);
  void complain_of(std::int32_t above, Kinds accepted);
  void pop(std::int32_t count);
  void push(Kinds kinds, std::uint32_t size = 0, std::uint32_t lender = Value::kOwned);
  void pop_and_push(std::int32_t count, Kinds kinds, std::uint32_t size = 0,
                    std::uint32_t lender = Value::kOwned);
  void mark_written(std::int32_t above);

  void run_letters(const OpInfo& info);
  bool run_slot(const OpInfo& info);
  bool run_call(const OpInfo& info);
  bool run_other(const OpInfo& info);

  void load_slot(std::uint32_t slot, bool checks, bool borrows);
  void store_slot(std::uint32_t slot);
  void write_slot(std::uint32_t slot, Kinds kinds);
  void clear_slot(std::uint32_t slot);
  void make_cell();
  bool check_cell();
  void load_cell();
  void store_cell();
  void copy_free_variables();

  void load_constant();
  void load_common_constant();
  void load_global();
  void load_method(std::int32_t pops);
  void compare(const OpInfo& info);
  void copy();
  void swap();
  void build_tuple();
  void build_key_map();
  void build_template();
  void add_to_list(bool extends);
  void add_to(Kinds container, std::int32_t pops);
  void merge_dict();

  void call();
  void check_callable(std::int32_t above, std::int32_t first);
  bool makes_generator(const Value& callable) const;
  void precall();
  void precall_check();
  void call_keywords();
  void call_function_ex();
  void intrinsic_1();
  void intrinsic_2();
  void make_function();
  void make_function_of_parts();
  void set_function_attribute();
  void check_annotations(std::int32_t above);
  void check_closure(std::int32_t above, std::uint32_t size);
  std::uint32_t size_of_code(std::int32_t above);

  bool is_iteration(std::int32_t above);
  void get_iter();
  void for_iter();
  void end_for();
  void send();
  void yield_value();
  void reraise();

  const Body& body_;
  const CodeFacts& facts_;
  Version version_;
  const EffectRules& rules_;
  Kinds objects_;
  Report* report_ = nullptr;
  bool has_failed_ = false;
  std::size_t index_ = 0;
};

}  // namespace pyccolo::bytecode
