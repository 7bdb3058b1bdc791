#include "bench/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace quorate::bench {
namespace {

using Cells = std::vector<std::string>;

// Each column as wide as its widest cell; the first one to the left, the others to the right, the
// last one, when it is text, as it is.
std::string aligned(const std::vector<Cells>& rows, std::size_t left_columns) {
  std::vector<std::size_t> widths;
  for (const Cells& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Cells& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool left = i < left_columns || i + 1 == row.size();
      line += left ? fmt::format("{:<{}}  ", row[i], widths[i])
                   : fmt::format("{:>{}}  ", row[i], widths[i]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string limit_text(const Figure& figure) {
  if (!figure.limit) return "";
  const char* sign = figure.limit->kind == Limit::Kind::AtMost ? "<=" : ">=";
  return fmt::format("{} {}", sign, number_text(figure.limit->value));
}

std::string verdict(const Figure& figure) {
  if (!figure.limit) return "";
  return holds(figure) ? "holds" : "NOT REACHED";
}

void write(JsonWriter& json, std::string_view name, const DiskSpeed& speed) {
  json.key(name).begin_object();
  json.member_real("sync_p50_us", speed.sync_p50_us);
  json.member_real("sync_p99_us", speed.sync_p99_us);
  json.member_real("syncs_per_s", speed.syncs_per_s);
  json.end_object();
}

void write(JsonWriter& json, const DepthRow& row) {
  json.begin_object();
  json.key("depth").unsigned_integer(row.depth);
  json.member_real("seconds", row.seconds);
  json.key("appends").unsigned_integer(row.appends);
  json.member_real("appends_per_s", row.appends_per_s);
  json.member_real("p50_us", row.p50_us);
  json.member_real("p99_us", row.p99_us);
  json.member_real("p999_us", row.p999_us);
  json.member_real("syncs_per_append_per_replica", row.syncs_per_append);
  json.member_real("cpu_us_per_append", row.cpu_us_per_append);
  write(json, "disk_before", row.before);
  write(json, "disk_after", row.after);
  json.end_object();
}

void write(JsonWriter& json, const Figure& figure) {
  json.begin_object();
  json.member("name", figure.name);
  json.member_real("value", figure.value);
  json.member("unit", figure.unit);
  if (figure.limit) {
    const bool most = figure.limit->kind == Limit::Kind::AtMost;
    json.member_real(most ? "at_most" : "at_least", figure.limit->value);
    json.member_boolean("holds", holds(figure));
  }
  if (!figure.remark.empty()) json.member("remark", figure.remark);
  json.end_object();
}

}  // namespace

bool holds(const Figure& figure) {
  if (!figure.limit) return true;
  const bool most = figure.limit->kind == Limit::Kind::AtMost;
  return most ? figure.value <= figure.limit->value : figure.value >= figure.limit->value;
}

bool all_hold(const Report& report) {
  return std::all_of(report.figures.begin(), report.figures.end(), holds);
}

std::string number_text(double value) {
  const double size = std::fabs(value);
  if (size >= 100) return fmt::format("{:.0f}", value);
  if (size >= 10) return fmt::format("{:.1f}", value);
  if (size >= 1) return fmt::format("{:.2f}", value);
  return fmt::format("{:.4f}", value);
}

std::string depth_table(const std::vector<DepthRow>& rows) {
  std::vector<Cells> cells{{"depth", "appends/s", "p50 us", "p99 us", "p99.9 us", "syncs/append",
                            "CPU us/append", "disk p50 us before", "after", "disk syncs/s before",
                            "after"}};
  for (const DepthRow& row : rows)
    cells.push_back({std::to_string(row.depth), number_text(row.appends_per_s),
                     number_text(row.p50_us), number_text(row.p99_us), number_text(row.p999_us),
                     number_text(row.syncs_per_append), number_text(row.cpu_us_per_append),
                     number_text(row.before.sync_p50_us), number_text(row.after.sync_p50_us),
                     number_text(row.before.syncs_per_s), number_text(row.after.syncs_per_s)});
  return aligned(cells, 1);
}

std::string figure_table(const std::vector<Figure>& figures) {
  std::vector<Cells> cells{{"figure", "measured", "unit", "limit", "", ""}};
  for (const Figure& figure : figures)
    cells.push_back({figure.name, number_text(figure.value), figure.unit, limit_text(figure),
                     verdict(figure), figure.remark});
  return aligned(cells, 1);
}

std::string json_report(const Report& report) {
  JsonWriter json;
  json.begin_object();
  json.member("machine", report.machine);
  json.key("depths").begin_array();
  for (const DepthRow& row : report.depths) write(json, row);
  json.end_array();
  json.key("figures").begin_array();
  for (const Figure& figure : report.figures) write(json, figure);
  json.end_array();
  json.member_boolean("all_hold", all_hold(report));
  json.end_object();
  return json.take();
}

}  // namespace quorate::bench
