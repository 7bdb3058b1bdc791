#include "sim/picture_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "sim/picture.h"
#include "sim/trace_json.h"

namespace quorate::sim {

std::string picture_name(const RunId& id) {
  std::string name = id.scenario + (id.section.empty() ? "" : "-" + id.section);
  for (char& c : name) {
    bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                 c == '_' || c == '-';
    if (!plain) c = '_';
  }
  return name + "-seed-" + std::to_string(id.seed);
}

Drawn draw(const RunId& id, const Scenario& scenario, const Section& section, NodeFactory& factory,
           RunOptions options) {
  Tracing tracing;
  options.tracing = &tracing;
  RunResult result = run_section(scenario, section, id.seed, factory, options);
  std::string trace = trace_json(id, result, tracing);
  return {std::move(result), std::move(trace)};
}

Result<bool> write_file(const std::string& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) return failure(path + ": cannot be written");
  return true;
}

Result<std::string> write_picture(const std::string& folder, const RunId& id,
                                  const std::string& trace) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return failure(folder + ": " + error.message());
  std::string base = folder + "/" + picture_name(id);
  if (auto written = write_file(base + ".json", trace); !written)
    return failure(written.error().text);
  if (auto written = write_file(base + ".html", picture_html(trace)); !written)
    return failure(written.error().text);
  return base + ".html";
}

}  // namespace quorate::sim
