#include "rules/into_create_table/create_table_text.h"

#include <algorithm>

#include "fixers/fixers.h"

namespace dsqlint {

CreateTableText::CreateTableText(const Document& document, size_t statement, const Engine& engine)
    : document_(document),
      statement_(document.statements()[statement]),
      engine_(engine),
      tree_(*tree_of(statement_).as<pg::CreateStmt>()),
      tokens_(document.tokens(statement)),
      parts_(create_table_parts(tokens_)) {
  has_list_ =
      parts_.open != Tokens::npos && parts_.close < tokens_.size() &&
      (empty_list() ? parts_.close == parts_.open + 1
                    : parts_.elements.size() == static_cast<size_t>(tree_.table_elts_size()));
}

Range CreateTableText::head() const {
  return parts_.name.empty() ? statement_.range : tokens_.range(TokenSpan{0, parts_.name.end});
}

ColumnParts CreateTableText::column_parts(size_t element) const {
  std::vector<Diagnostic> none;
  const Context ctx(document_.source(), statement_, tokens_, engine_, none);
  const pg::Node& node = tree_.table_elts(static_cast<int>(element));
  return dsqlint::column_parts(node.column_def(), ctx, parts_.elements[element]);
}

Edit CreateTableText::lengthen(size_t element, std::string text) const {
  return fixers::insert_after(tokens_, parts_.elements[element].end - 1, std::move(text));
}

Edit CreateTableText::append_element(std::string_view element) const {
  return fixers::append_element(tokens_, parts_.open, parts_.close, element,
                                document_.source().text());
}

CreateTableTexts::CreateTableTexts(const ScriptContext& ctx)
    : document_(ctx.document()),
      engine_(ctx.engine()),
      slots_(document_.of_kind(NodeCaseOf<pg::CreateStmt>::value).size()) {}

const CreateTableText& CreateTableTexts::of(size_t statement) const {
  const auto all = document_.of_kind(NodeCaseOf<pg::CreateStmt>::value);
  Slot& slot = slots_[static_cast<size_t>(std::lower_bound(all.begin(), all.end(), statement) -
                                          all.begin())];
  std::call_once(slot.read, [&] { slot.text.emplace(document_, statement, engine_); });
  return *slot.text;
}

}  // namespace dsqlint
