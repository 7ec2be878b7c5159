// The known migration tools, as data: where they differ only in words and patterns, they are rows
// of one table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/lint/layout.h"

namespace dsqlint::migrations {

/// What a migration is written in.
enum class Files : uint8_t {
  Sql,
  Code,        ///< a program with SQL in its string literals
  Operations,  ///< YAML or JSON with SQL in some values
  None,        ///< the tool has no files
};

/// What decides the order.
enum class Order : uint8_t {
  Name,          ///< the file's name, byte by byte
  Number,        ///< the number it begins with, then the name
  Folder,        ///< the name of the folder that it lies in
  Journal,       ///< Drizzle's meta/_journal.json
  Flyway,        ///< versions part by part, then repeatable ones by description
  Changelog,     ///< Liquibase's changelogs
  Revisions,     ///< each names the one before it
  Dependencies,  ///< each names those of all apps that come before it
};

/// Which marks cut a file into sections.
enum class Sections : uint8_t {
  Whole,
  Breakpoints,    ///< `--> statement-breakpoint`
  Goose,          ///< `-- +goose Up`
  Dbmate,         ///< `-- migrate:up`
  SqlMigrate,     ///< `-- +migrate Up`
  NodePgMigrate,  ///< `-- Up Migration`
  Tern,           ///< `---- create above / drop below ----`
  Changesets,     ///< `--changeset author:id`
  Lines,          ///< a statement a line where no `;` ends it
};

/// What one transaction of the runner spans.
enum class Span : uint8_t { Statement, Block, File, AllPending };

/// A mark that takes the transaction away, and where it goes.
struct OptOutMark {
  OptOut after = OptOut::Impossible;
  std::string_view mark = {};  ///< on a line of its own at the top, or after the section's mark
  std::string_view title = {};
};

struct Tool {
  std::string_view name;   ///< as --tool takes it
  std::string_view title;  ///< as its users write it
  Files files = Files::Sql;
  std::string_view file;  ///< RE2; the first group is the version, a second one the direction
  /// RE2 of migrations that it runs and that nothing here can read, and what they are written in.
  std::string_view other_file = {};
  std::string_view other_language = {};
  Order order = Order::Name;
  Sections sections = Sections::Whole;
  Span span = Span::File;
  bool message = false;        ///< the text is sent in one message, not after a BEGIN
  bool records = false;        ///< writes its own record in the same transaction
  bool message_apart = false;  ///< a file that opts out is still sent in one message
  OptOutMark opt_out = {};
  std::string_view help = {};       ///< how to get one DDL statement per transaction, else
  std::string_view opted_out = {};  ///< RE2; found in a program that runs without a transaction
  std::string_view call_opted_out = {};   ///< the same of a call
  std::string_view block_opted_out = {};  ///< the line that opens a block; a group: its indentation
  /// RE2 of the line in a program after which `code_mark` goes; empty: at its end.
  std::string_view code_place = {};
  std::string_view code_mark = {};  ///< takes a program out of its transaction; empty: nothing can
  std::string_view beside =
      {};  ///< a file with the name of the script and this ending turns it off with …
  std::string_view beside_text = {};  ///< … this text
  std::string_view applied = {};      ///< what it does if a file that was run has been rewritten
  std::string_view recipe = {};       ///< a command that prints the SQL, for --from
  bool gaps = true;                   ///< versions may leave some out
  /// One migration that opts out ends the transaction that spans all: each of the others then has a
  /// separate transaction, and its record comes after it.
  bool parts_all = false;
  /// The database to which a file's name restricts it, RE2 with one group: `a.mysql.up.sql`.
  std::string_view database = {};
  /// What the transactions are is set once for the whole project: their findings have one cause.
  bool one_cause = false;
  /// What the tool itself does before any migration and Aurora DSQL refuses: "takes a lock".
  std::string_view set_up = {};
  std::string_view set_up_help = {};  ///< the way round it, imperative
  std::string_view set_up_sql = {};   ///< what to run by hand before, a statement a line
  /// RE2 with a group: what a program declares of its transaction and the tool refuses where one
  /// transaction spans all pending files.
  std::string_view refused_override = {};
};

/// Sorted by name.
std::span<const Tool> tools();
/// What some of them are where a newer release lays its files out in another way.
std::span<const Tool> newer_tools();
const Tool* find_tool(std::string_view name);

/// "goose runs each file in a transaction", for the line that says what was decided.
std::string transaction_words(const Tool& tool);

}  // namespace dsqlint::migrations
