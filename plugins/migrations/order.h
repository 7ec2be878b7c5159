// Which files of a folder are migrations, and the order in which the tool runs them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/source.h"
#include "plugins/migrations/history_rules.h"
#include "plugins/migrations/project.h"
#include "plugins/migrations/survey.h"
#include "plugins/migrations/tools.h"

namespace dsqlint::migrations {

struct Migration {
  std::string path;             ///< below the project's top
  std::string version;          ///< as written; empty where there is none
  bool down = false;            ///< a file that undoes a migration
  bool no_transaction = false;  ///< set by a file beside it
};

/// Something wrong with the folder as a whole, at a place in one of its files.
struct HistoryProblem {
  HistoryRule rule;
  std::string path;  ///< below the project's top
  Range range;
  std::string message;
  std::string help = {};  ///< empty: the rule's
};

/// A migration that the tool runs and that cannot be read.
struct Unread {
  std::string path;      ///< below the project's top
  std::string language;  ///< "Go"
};

struct Ordered {
  std::vector<Migration> migrations;  ///< down files directly after those that they undo
  std::vector<HistoryProblem> problems;
  std::vector<Unread> unread = {};
  bool is_line = true;  ///< false: what is new may come before what is there
};

Ordered order_migrations(const Project& project, const Decision& decision);

/// New migrations that come before one of `known` (paths below the top).
std::vector<HistoryProblem> out_of_order(const Ordered& ordered,
                                         const std::vector<std::string>& known);

/// The paths of those that the tool runs after `limit`: a version (`2`, as Flyway writes it also
/// `V2`) or a file's name. Those without a version come after all. Nothing: there is no such
/// migration.
std::optional<std::set<std::string_view>> migrations_after(const Ordered& ordered,
                                                           std::string_view limit);

/// -1, 0 or 1, part by part as numbers: `1.10` is after `1.9`.
int compare_versions(std::string_view a, std::string_view b);

/// The files that Liquibase's root changelog runs, in its order.
Ordered order_changelog(const Project& project, const Decision& decision);

/// Puts the migrations of Django's apps into the order of their dependencies.
void order_by_dependencies(const Project& project, Ordered& ordered);

/// The changelogs that no other names, and files of formatted SQL that none does; sorted.
std::vector<std::string> changelog_roots(const Project& project);
/// All that the root names, itself included.
std::vector<std::string> changelog_files(const Project& project, const std::string& root);

}  // namespace dsqlint::migrations
