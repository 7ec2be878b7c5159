// Expressions and queries, translated while they are read.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mysql/parser.h"
#include "mysql/symbols.h"
#include "mysql/text.h"
#include "mysql/translate.h"
#include "mysql/values.h"

namespace dsqlint::mysql {

/// Deepest nesting of brackets, CASEs and subqueries. Readers recurse per level, a dozen calls on a
/// stack of 8 MB or less; MySQL's own limit (its thread stack) is of this order.
inline constexpr int kMaxDepth = 100;
/// So much an expression may grow, by the bytes of its statement, once it is no small text.
inline constexpr size_t kMostGrowth = 16;
inline constexpr size_t kSmallText = 256 << 10;

/// How tightly PostgreSQL binds what an expression's outermost operator is.
enum class Binding : uint8_t {
  Or,
  And,
  Not,
  Is,
  Comparison,
  Like,
  Operator,
  Add,
  Multiply,
  Unary,
  Cast,
  Primary,
};

/// A column that an expression reads outside of aggregates.
struct Reference {
  std::string source;  ///< alias or table as written in FROM; empty: not known
  std::string column;  ///< lower case
  friend auto operator<=>(const Reference&, const Reference&) = default;
};

/// Does a text compare with regard to case? What is explicit about it wins.
enum class Case : uint8_t { Unknown, Ignored, Counts };

struct Expr {
  Text sql;
  Binding binding = Binding::Primary;
  Class cls = Class::Unknown;
  std::optional<Literal> literal;
  const Column* column = nullptr;
  const Table* table = nullptr;  ///< of `column`
  Case letter_case = Case::Unknown;
  bool not_null = false;
  bool not_negative = false;
  /// Of bit operators: the 64 bits as a bigint, where `sql` is MySQL's unsigned number.
  std::optional<Text> bits;
  bool immutable = true;   ///< fit for indexes and generated columns
  bool aggregate = false;  ///< holds an aggregate
  std::vector<Reference> references;
  std::vector<Expr> row;  ///< of `(a, b)`: its values
};

/// A column of a query's result.
struct Output {
  std::string name;
  Class cls = Class::Unknown;
  const Column* column = nullptr;  ///< that it is, unchanged
  Case letter_case = Case::Unknown;
  bool not_null = false;
  Reference from = {};  ///< where it is nothing but a column
};

/// Steps of a JSON path as the array that `#>` takes.
std::string json_array_of(const std::vector<std::string>& steps);
/// As a column of a view or table that the query makes.
Column column_of(const Output& output);
/// How texts of a column are compared.
Case case_of(const Column& column);

/// What translating a statement's expressions has to tell.
struct QueryNotes {
  std::set<std::string> exact;   ///< functions and operators rewritten with the same meaning
  std::set<std::string> review;  ///< rewritten, with some difference
  Range first;                   ///< the first of them
  bool row_lock = false;
  bool loose_group = false;
  Range loose_group_range;
  Range case_range;       ///< the first text that is compared without regard to case in MySQL
  std::string case_what;  ///< comparison, order, …
  Range number_range;     ///< the first text that is compared as a number
};

/// What a query may know of its surroundings. Views: all must outlive it.
struct QueryWorld {
  const Symbols& symbols;
  const TranslateOptions& options;
  std::string_view charset;
  std::string_view zone;     ///< of the session, where the text sets one: `Europe/Berlin`
  std::string_view last_id;  ///< what LAST_INSERT_ID() is here; empty: not known
  /// The name in the output of a table named in the input, and what is known of it.
  std::function<Name(const Name& name, const Table*& table)> resolve;
};

/// A table, view or subquery in FROM.
struct Source {
  std::string alias;  ///< what qualifies its columns; as written
  std::string name;   ///< of the table; empty for a subquery
  const Table* table = nullptr;
  std::vector<Output> columns;  ///< of a subquery
  bool derived = false;
  bool optional = false;  ///< on the null side of an outer join

  /// Of a subquery, by its name in lower case; null when there is none.
  const Output* output(std::string_view name) const;
};

/// One element of FROM with the way it is joined to those before it.
struct Joined {
  Source source;
  Text sql;         ///< the table itself: `t AS a`
  std::string how;  ///< `JOIN`, `LEFT JOIN`, `,` …; empty for the first
  Expr on;          ///< sql empty when there is none
  Text using_columns;
};

class Query {
 public:
  Query(Cursor& cursor, const QueryWorld& world, QueryNotes& notes)
      : c_(cursor), world_(world), notes_(notes) {}

  /// Columns of this table are known without FROM: for CHECKs, generated columns, DML.
  void enter(Source source);
  /// Columns of the tables that table_references() reads next are known, too.
  void open() { scopes_.emplace_back(); }
  /// In UPDATE: later assignments see what earlier ones wrote.
  void substitute(const std::string& column, Expr value) {
    substitutes_[column] = std::move(value);
  }
  /// In ON DUPLICATE KEY UPDATE: VALUES(c) and `alias.c` are the row that was to be inserted.
  void excluded(std::string alias) {
    excluded_alias_ = std::move(alias);
    upsert_ = true;
  }
  /// Every column of the entered table is written with this qualifier.
  void qualify(std::string qualifier) { qualifier_ = std::move(qualifier); }
  /// In ON DUPLICATE KEY UPDATE after a query: what it reads, by the column it is inserted into.
  void inserted(std::vector<std::pair<Reference, std::string>> columns) {
    inserted_ = std::move(columns);
  }
  /// The rows of select() are for these columns, null where one is not known: each value becomes
  /// what its column stores.
  void into(std::vector<const Column*> columns) { into_ = std::move(columns); }

  Expr expression();
  /// SELECT, WITH, VALUES or a query in brackets, with UNION, ORDER BY and LIMIT.
  Text select();
  std::vector<Joined> table_references();
  /// `a JOIN b ON …` as one text.
  static Text joined_sql(const std::vector<Joined>& joined, std::string_view before_join = " ");
  Text order_by() { return order_by(nullptr); }
  Text limit();

  /// What stores `value` in `column`: converted or cast.
  Text assign(Expr value, const Column& column);
  static Text wrap(const Expr& value, Binding at_least);
  /// Takes the text alone: what else is known of the value stays.
  static Text wrap(Expr&& value, Binding at_least);
  /// As PostgreSQL's boolean: `x <> 0` for numbers.
  Expr condition(Expr value);
  Expr as_text(Expr value);

  const std::vector<Output>& output() const { return output_; }
  /// Flags, in lower case, that assign() has been given other numbers for.
  const std::set<std::string>& counted() const { return counted_; }

 private:
  struct Scope {
    std::vector<Source> sources;
    std::map<std::string, Expr> aliases;  ///< of the select list, lower case; for HAVING
  };
  struct Item {
    Expr value;
    std::string alias;
    std::string star_of;  ///< `a` of `a.*`
    bool star = false;
  };
  /// The query that an ORDER BY ends.
  struct Ordered {
    std::vector<Item>& items;
    const std::vector<Expr>* groups = nullptr;  ///< null: not grouped
    bool distinct = false;
  };

  // operators.cc, operands.cc, coercion.cc
  Expr logical_or();
  Expr logical_xor();
  Expr logical_and();
  Expr logical_not();
  Expr comparison();
  Expr bit_or();
  Expr bit_and();
  Expr shift();
  Expr additive();
  Expr multiplicative();
  Expr bit_xor();
  Expr unary();
  Expr postfix();
  Expr primary();
  Expr literal();
  Expr name_or_call();
  Expr column(std::vector<std::string> parts, Range range);
  Expr case_expression();
  Expr interval();
  /// A span of time, where `unit` is one of MySQL's; nothing where it is not known.
  std::optional<Expr> interval_of(Expr count, const std::string& unit, Range range);
  /// `when` and a span, the sum of which is a date or a time.
  Expr add_interval(Expr when, std::string_view op, Expr span, Range range);
  /// `$.a[0]` as its steps; nothing where it has wildcards.
  std::optional<std::vector<std::string>> json_steps(const Token& path) const;
  Expr subquery(std::string_view before);
  Expr json_path(Expr base, bool as_text, const Token& path);
  Expr binary(Expr left, std::string_view op, Expr right, Binding binding, Range range);
  Expr arithmetic(Expr left, std::string_view op, Expr right, Binding binding, Range range);
  Expr divide(Expr left, Expr right, Range range);
  Expr predicate(Expr left);
  /// `ordered`: the comparison asks for more than equality.
  void coerce(Expr& left, Expr& right, bool ordered = false);
  void coerce_json(Expr& left, Expr& right);
  /// The same for a value and what a query gives.
  void coerce_to_query(Expr& left, const Expr& query, Range range);
  /// The same for `left` and each of several values, which then are all of one kind.
  void coerce_all(Expr& left, std::vector<Expr>& values, bool ordered);
  /// Makes the values that one expression may give of one kind.
  void unify(const std::vector<Expr*>& values);
  /// The class of an expression that gives one of these, once they are of one kind.
  static Class common_class(const std::vector<const Expr*>& values);
  void note_case(const Expr& left, const Expr& right);
  void note_folding(const Expr& value, std::string_view what);
  void note_counted(const Expr& value);
  void coerce_literal(Expr& literal, const Expr& other);
  Expr number(Expr value);
  /// The same as PostgreSQL's integer, which functions of texts take; `least` bounds it.
  Expr whole(Expr value, bool not_below_zero = false);
  /// A date or time: of a text, what it says; a number is refused.
  Expr moment(Expr value, bool time_of_day = false);
  /// A literal where nothing else tells its type.
  static Expr typed(Expr value);
  /// The same for a comparison or a grouping, which json has not.
  Expr comparable(Expr value);
  /// The place of an enum's value among its members.
  Expr position(Expr value);
  /// The bits of a SET's members.
  Expr member_bits(Expr value);
  Expr bits_of(Expr value);
  Expr bitwise(Expr left, std::string_view op, Expr right, Range range);
  Expr unsigned_of(Expr bits, Range range);
  Expr remainder(Expr left, Expr right, Range range);
  Expr divisor(Expr value, Range range);
  static void merge(Expr& into, const Expr& from);
  Expr deep(Expr (Query::*part)());

  // functions.cc, calls.cc, texts.cc, times.cc, dates.cc, casts.cc, aggregates.cc
  Expr call(const std::string& name, Range range);
  std::optional<Expr> special_call(const std::string& name, Range range);
  std::optional<Expr> text_call(const std::string& name, Range range);
  std::optional<Expr> date_call(const std::string& name, Range range);
  Expr date_format(Range range);
  Expr cast(Expr value, Range range);
  Expr group_concat(Range range);
  Expr count(Range range);
  Expr bit_aggregate(const std::string& name, Range range);
  Expr over(Expr function);
  std::vector<Expr> arguments();
  Expr json_value(Expr value);
  std::optional<Expr> json_call(const std::string& name, Range range);
  void rewritten(std::string_view name, Range range, bool exact = true);
  void unsupported(std::string_view name, Range range);

  // select.cc
  Text query_term();
  /// The terms that UNION and its like join, and what each of them gives.
  Text query_terms(std::vector<std::vector<Output>>& terms);
  Text select_core();
  Item select_item();
  Text order_by(const Ordered* query);
  void output_all(const Source& source);
  void convert_items(std::vector<Item>& items, bool stored);
  Joined table_factor();
  size_t find_from() const;
  void check_groups(std::vector<Item>& items, const std::vector<Expr>& groups,
                    std::vector<Expr*> others);
  std::string alias(bool string_too);
  bool at_alias() const;
  Text clauses(std::vector<Text> parts) const;

  Cursor& c_;
  const QueryWorld& world_;
  QueryNotes& notes_;
  std::vector<Scope> scopes_;
  std::map<std::string, Expr> substitutes_;
  std::map<std::string, std::vector<Output>> with_;
  std::vector<Output> output_;
  std::vector<Class> united_;  ///< what the columns of a UNION's terms are made; Unknown: as is
  int united_level_ = 0;       ///< the depth of those terms
  std::vector<const Column*> into_;
  int into_level_ = 1;  ///< the depth of queries whose rows are for `into_`
  std::vector<std::pair<Reference, std::string>> inserted_;
  std::set<std::string> counted_;
  std::string excluded_alias_;
  std::string qualifier_;
  bool upsert_ = false;
  int depth_ = 0;  ///< of nested expressions and queries
  int queries_ = 0;
  int aggregates_ = 0;  ///< the call being read is inside that many aggregates
};

}  // namespace dsqlint::mysql
