// Edits that know tokens, never trees. Each returns edits for a Fix; none decides whether to fix.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/diagnostic.h"
#include "engine/parse/document.h"
#include "engine/text/edit.h"
#include "engine/text/tokens.h"

namespace dsqlint::fixers {

/// Replaces the tokens of `span`, from the first byte to the last.
Edit replace(const Tokens& tokens, TokenSpan span, std::string text);
Edit replace(Range range, std::string text);
/// Inserts before the token, or after it; `text` brings its own spaces.
Edit insert_before(const Tokens& tokens, size_t token, std::string text);
Edit insert_after(const Tokens& tokens, size_t token, std::string text, uint8_t rank = 0);

/// Deletes the tokens of `span` and the white space before them (or after them, at the begin of a
/// line), so that no double blank stays. Comments between the tokens go with them; comments before
/// and after stay.
Edit remove(const Tokens& tokens, TokenSpan span, std::string_view text);

/// Deletes the tokens of `span` and all white space before them, so that what follows moves up to
/// what stands before: `)\nTABLESPACE x;` becomes `);`. A comment before the span stays.
Edit remove_clause(const Tokens& tokens, TokenSpan span, std::string_view text);

/// Deletes element `i` of a comma-separated list with one of its commas, so that the rest is a
/// list. With several elements to remove, pass them all at once.
std::vector<Edit> remove_elements(const Tokens& tokens, const std::vector<TokenSpan>& elements,
                                  const std::vector<size_t>& doomed, std::string_view text);

/// Appends `element` to a parenthesized list whose last token is `last` and whose closing
/// parenthesis is `close`: on a line of its own, indented as the elements are, when they stand on
/// lines of their own. A comment beside the last element stays beside it.
Edit append_element(const Tokens& tokens, size_t open, size_t close, std::string_view element,
                    std::string_view text);

/// Deletes a statement with its terminator, and its lines when nothing else stands on them.
Edit remove_statement(const SourceFile& source, const Statement& statement);
/// Deletes what stands in `range` but its comments, except those within `spent` ranges.
std::vector<Edit> remove_around_comments(const Tokens& tokens, Range range, std::string_view text,
                                         std::span<const Range> spent);
/// The same for tokens; as `remove` where there is no such comment.
std::vector<Edit> remove_around_comments(const Tokens& tokens, TokenSpan span,
                                         std::string_view text, std::span<const Range> spent);
/// `text` takes the place of the tokens; the comments between them come to stand after it, except
/// those within `spent` ranges.
std::vector<Edit> replace_around_comments(const Tokens& tokens, TokenSpan span, std::string text,
                                          std::string_view source, std::span<const Range> spent);
/// As remove_statement, but comments inside the statement stay, except those within `spent` ranges.
std::vector<Edit> remove_statement_around_comments(const SourceFile& source,
                                                   const Statement& statement, const Tokens& tokens,
                                                   std::span<const Range> spent);
/// New statements after `statement` and a remark on its line, each on a separate line at the
/// same indentation. They have no terminator; `\n` inside them begins a line of the file's kind.
/// Where the file sets marks between statements (Drizzle's), the new ones get theirs.
Edit insert_statements_after(const SourceFile& source, const Statement& statement,
                             const std::vector<std::string>& statements);
/// New statements before `statement`, in the same way.
Edit insert_statements_before(const SourceFile& source, const Statement& statement,
                              const std::vector<std::string>& statements);
Edit insert_statement_after(const SourceFile& source, const Statement& statement,
                            std::string_view sql);

/// Cuts a list into statements: after each element but the last, a terminator and, on a line of
/// its own, `opening` for the next one. `elements` are the parts between the commas.
std::vector<Edit> split_statement(const SourceFile& source, const Tokens& tokens,
                                  const std::vector<TokenSpan>& elements, std::string_view opening);

/// The line break the file uses.
std::string_view line_break(std::string_view text);
/// The white space before the first character of the line that contains `offset`.
std::string_view indentation(std::string_view text, uint32_t offset);

}  // namespace dsqlint::fixers
