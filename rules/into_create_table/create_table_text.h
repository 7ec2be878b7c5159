// A CREATE TABLE of the file with its tokens: where parts of later statements can be put in.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "engine/lint/rule.h"
#include "engine/parse/ranges.h"

namespace dsqlint {

/// Elements are counted as in the tree's table_elts.
class CreateTableText {
 public:
  /// `statement` is a CREATE TABLE with a tree.
  CreateTableText(const Document& document, size_t statement, const Engine& engine);

  const pg::CreateStmt& tree() const { return tree_; }
  const Tokens& tokens() const { return tokens_; }
  /// False where there is no parenthesized list to put something into.
  bool has_list() const { return has_list_; }
  bool empty_list() const { return tree_.table_elts_size() == 0; }
  /// CREATE TABLE name, what a finding about the table points at.
  Range head() const;

  ColumnParts column_parts(size_t element) const;
  /// After all that stands in the element.
  Edit lengthen(size_t element, std::string text) const;
  Edit append_element(std::string_view element) const;

 private:
  const Document& document_;
  const Statement& statement_;
  const Engine& engine_;
  const pg::CreateStmt& tree_;
  Tokens tokens_;
  CreateTableParts parts_;
  bool has_list_ = false;
};

/// Those of a file, each read by the first rule that asks, from whichever thread.
class CreateTableTexts {
 public:
  explicit CreateTableTexts(const ScriptContext& ctx);
  /// `statement` is a CREATE TABLE with a tree.
  const CreateTableText& of(size_t statement) const;

 private:
  struct Slot {
    std::once_flag read;
    std::optional<CreateTableText> text;
  };

  const Document& document_;
  const Engine& engine_;
  mutable std::deque<Slot> slots_;  ///< in the order of the statements
};

}  // namespace dsqlint
