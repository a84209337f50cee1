// bytecode/report.hpp: the problems that a verifier finds, until there are enough of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "bytecode/verify.hpp"

namespace pyccolo::bytecode {

class Report {
 public:
  explicit Report(std::size_t limit) : limit_(std::max<std::size_t>(limit, 1)) {}

  void add(std::size_t index, std::string reason) {
    if (!is_full()) problems_.push_back({index, std::move(reason)});
  }
  bool is_full() const { return problems_.size() >= limit_; }
  bool is_empty() const { return problems_.empty(); }

  std::vector<Problem> take() && {
    std::ranges::stable_sort(problems_, {}, &Problem::index);
    return std::move(problems_);
  }

 private:
  std::vector<Problem> problems_;
  std::size_t limit_;
};

}  // namespace pyccolo::bytecode
