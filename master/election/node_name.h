#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quorate::election {

// A child that counts as a member: "json.info_0000000003" is label "json.info", sequence 3;
// "0000000003" has an empty label. Ordered by sequence, which alone decides who leads; equal ones
// (made by hand) by name.
struct NodeName {
  std::int64_t sequence = 0;
  std::string name;
  std::string label;

  auto operator<=>(const NodeName&) const = default;
};

// Mesos's reading of a child's name: the pieces between '_', empty ones left out; the last one must
// be a 32-bit number, the first of several is the label. Others, such as "log_replicas", are no
// members. We must count exactly the members that Mesos's tools count, or the two would see
// different leaders.
std::optional<NodeName> parse_node_name(std::string_view name);

// The members among children, in order.
std::vector<NodeName> parse_node_names(const std::vector<std::string>& children);

}  // namespace quorate::election
