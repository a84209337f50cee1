// core/marker.hpp: a marker says what it was made of, and nothing else is one.
#include "core/marker.hpp"

#include <doctest/doctest.h>

namespace pyccolo::test {

namespace {

constexpr Marker kSome{Shape::Operation, Op::MatMult, 77, 12345};
constexpr Marker kGreatest{Shape::SavedSlice, Op::Chain, Marker::kMaxRewrite, Marker::kMaxIndex};
constexpr Marker kLeast{Shape::Value, Op::None, 0, 0};

constexpr bool is_read_back(const Marker& marker) {
  const auto read = Marker::decode(marker.encode());
  return read && read->shape == marker.shape && read->op == marker.op &&
         read->rewrite == marker.rewrite && read->index == marker.index;
}

constexpr std::int64_t with_bits(const Marker& marker, std::uint64_t bits, unsigned shift) {
  return -static_cast<std::int64_t>(Marker::magnitude(marker.encode()) | (bits << shift));
}

static_assert(is_read_back(kSome) && is_read_back(kGreatest) && is_read_back(kLeast));

}  // namespace

TEST_CASE("every shape and operator is read back, at both ends of the numbers") {
  for (int shape = 0; shape <= static_cast<int>(Shape::SavedSlice); ++shape) {
    for (int op = 0; op < kOpCount; ++op) {
      for (const std::uint32_t rewrite : {0U, 1U, Marker::kMaxRewrite}) {
        for (const std::uint32_t index : {0U, 1U, Marker::kMaxIndex}) {
          CHECK(is_read_back({static_cast<Shape>(shape), static_cast<Op>(op), rewrite, index}));
        }
      }
    }
  }
}

TEST_CASE("the parts of a marker do not touch") {
  const std::int64_t least = kLeast.encode();
  CHECK(least - Marker{Shape::Value, Op::None, 0, Marker::kMaxIndex}.encode() == 0xFFFFF);
  CHECK(least - Marker{Shape::Value, Op::None, Marker::kMaxRewrite, 0}.encode() == 0x3FFFFF00000);
  CHECK(least - Marker{Shape::Value, static_cast<Op>(31), 0, 0}.encode() == 0x7C0000000000);
  CHECK(least - Marker{static_cast<Shape>(7), Op::None, 0, 0}.encode() == 0x3800000000000);
}

TEST_CASE("a marker is negative and has nineteen digits") {
  CHECK(kLeast.encode() < -1'000'000'000'000'000'000);
  CHECK(kGreatest.encode() < kLeast.encode());
}

TEST_CASE("a number without the tag is no marker") {
  const auto greatest = static_cast<std::int64_t>(0x7FFFFFFFFFFFFFFF);
  for (const std::int64_t number : {std::int64_t(0), std::int64_t(1), std::int64_t(-1), greatest,
                                    -greatest - 1, -kSome.encode(), kLeast.encode() + 1}) {
    CHECK_FALSE(Marker::is_marker(number));
    CHECK_FALSE(Marker::decode(number));
  }
  CHECK_FALSE(Marker::is_marker(with_bits(kSome, 1, 62)));
  CHECK_FALSE(Marker::is_marker(with_bits(kSome, 1, 63)));
}

TEST_CASE("a number with the tag but an unknown shape or operator is no marker") {
  CHECK_FALSE(Marker::decode(with_bits(kLeast, 7, 47)));
  CHECK_FALSE(Marker::decode(with_bits(kLeast, static_cast<unsigned>(kOpCount), 42)));
  CHECK_FALSE(Marker::decode(with_bits(kLeast, 31, 42)));
}

}  // namespace pyccolo::test
