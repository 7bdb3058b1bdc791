#include "sim/scenario_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace quorate::sim {

namespace fs = std::filesystem;

Result<std::vector<std::string>> scenario_files(const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      if (!fs::exists(path, error)) return failure(path + ": no such file or directory");
      out.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(path, error))
      if (entry.path().extension() == ".scenario") found.push_back(entry.path().string());
    if (error) return failure(path + ": " + error.message());
    if (found.empty()) return failure(path + ": no *.scenario files here");
    std::sort(found.begin(), found.end());
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

Result<ParsedScenario> load_scenario(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && !in.eof()) return failure(path + ": cannot be read");
  return parse_scenario(path, text);
}

std::string to_text(const std::string& file, const Mistake& mistake) {
  return file + ":" + std::to_string(mistake.line) + ":" + std::to_string(mistake.column) + ": " +
         mistake.text;
}

}  // namespace quorate::sim
