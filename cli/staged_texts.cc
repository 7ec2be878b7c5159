#include "cli/staged_texts.h"

#include <fmt/format.h>

#include "cli/inputs.h"

namespace dsqlint {

Result<std::shared_ptr<StagedTexts>> StagedTexts::read(const std::string& folder) {
  auto texts = std::make_shared<StagedTexts>();
  texts->folder_ = folder;
  const auto files = indexed_files(folder);
  if (!files) return tl::unexpected(files.error());
  const auto changed = unstaged_files();
  if (!changed) return tl::unexpected(changed.error());
  for (const std::string& path : *changed) texts->changed_.insert(absolute_path(path));
  for (const StagedFile& file : *files) texts->blobs_.emplace(file.path, file.blob);
  return texts;
}

std::vector<std::string> StagedTexts::files() const {
  std::vector<std::string> names;
  for (const auto& [path, blob] : blobs_) names.push_back(path);
  return names;
}

Result<std::string> StagedTexts::text(const std::string& path) {
  const auto blob = blobs_.find(path);
  if (blob == blobs_.end()) return fail(fmt::format("{}: is not staged", path));
  if (blob->second.empty()) {
    return fail(fmt::format("{}: has conflicts; resolve them and `git add` it", path));
  }
  return git_.read(blob->second, path);
}

bool StagedTexts::differs(const std::string& path) const {
  return changed_.count(absolute_path(folder_ + "/" + path)) != 0;
}

}  // namespace dsqlint
