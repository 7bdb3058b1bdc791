#include "sim/junit.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

TEST(Junit, CasesAreGroupedByFileAndCounted) {
  std::string xml = junit_xml({{"a.scenario", "a", "seed 1", 0, ""},
                               {"b.scenario", "b[x]", "seed 1", 2, "late\n replay: x"},
                               {"a.scenario", "a", "seed 2", 5, "odd"}});

  EXPECT_EQ(xml, R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="quorate-sim" tests="3" failures="1" errors="1">
  <testsuite name="a.scenario" tests="2" failures="0" errors="1">
    <testcase classname="a" name="seed 1"/>
    <testcase classname="a" name="seed 2">
      <error type="harness suspect" message="harness suspect">odd</error>
    </testcase>
  </testsuite>
  <testsuite name="b.scenario" tests="1" failures="1" errors="0">
    <testcase classname="b[x]" name="seed 1">
      <failure type="liveness violated" message="liveness violated">late&#10; replay: x</failure>
    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST(Junit, WhatXmlCannotHoldIsReplaced) {
  std::string text = "<a href=\"x\">&\x01\xff</a>";
  std::string xml = junit_xml({{"f", "g", "n", 1, text}});

  EXPECT_NE(xml.find("&lt;a href=&quot;x&quot;&gt;&amp;??&lt;/a&gt;"), std::string::npos) << xml;
}

}  // namespace
}  // namespace quorate::sim
