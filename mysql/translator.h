// The translation of one file: what its statements share.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mysql/parser.h"
#include "mysql/procedure.h"
#include "mysql/query.h"
#include "mysql/symbols.h"
#include "mysql/translate.h"

namespace dsqlint::mysql {

class PlainWriter;

struct History::State {
  Symbols symbols;
  std::set<std::string> routines;  ///< triggers and the like that were left out, lower case
  std::set<std::string> refused;   ///< tables that cannot be created, lower case
};

class Translator {
 public:
  Translator(const SourceFile& source, const TranslateOptions& options, const Sink& sink);
  Translation run();

 private:
  /// What became of a statement.
  enum class Fate : uint8_t { Translated, Noise, Reported };

  struct Transaction {
    bool definitions = false;
    bool implicit = false;     ///< begins by itself, for autocommit is off
    bool rolled_back = false;  ///< of an implicit one: ROLLBACK ends it
    uint64_t rows = 0;
    uint64_t bytes = 0;
  };
  /// A relation's last CREATE VIEW: earlier ones in a dump are placeholders.
  struct LastView {
    size_t statement = 0;
    std::string schema;
  };
  struct PendingForeignKey {
    std::string table_schema;
    std::string table;
    ForeignKey key;
    Range statement;
  };
  struct PendingView {
    Text sql;
    std::vector<std::string> needs;  ///< views that come later, lower case
    std::string name;                ///< lower case
  };
  /// A statement of the output, for the self-check.
  struct Piece {
    uint32_t begin;
    uint32_t end;
    Range statement;
    bool data;
  };
  struct Broken {
    const Piece* piece;
    Range range;  ///< of the output
    std::string message;
  };

  // survey.cc: the first pass
  void survey();
  void survey_statement(const Statement& statement, size_t ordinal);
  void survey_insert(Cursor& cursor);
  void survey_alter(Cursor& cursor);
  void survey_query(Cursor& cursor);
  void settle_types();
  bool refine(Table& table, Column& column, const ForeignKey* key, size_t at);

  // translate.cc: the driver
  void translate_statement(const Statement& statement);
  void report_unclosed(const Statement& statement);
  Fate dispatch(Cursor& cursor);
  Fate create(Cursor& cursor);
  Fate drop(Cursor& cursor);
  Fate set(Cursor& cursor);
  Fate session(Cursor& cursor, bool report_variables);
  Fate transaction(Cursor& cursor);
  void begin_implicitly();
  Fate rename(Cursor& cursor);
  void rename_table(const Name& from, const Name& to);
  Fate query(Cursor& cursor);
  Fate use(Cursor& cursor);
  Fate create_database(Cursor& cursor);
  void comments(const Statement& statement, size_t count);
  void finish();
  void open_line();
  void emit(Text sql, bool data = false);
  std::vector<Broken> broken_pieces();
  void flush();
  bool noise(Cursor& cursor) const;

  // views.cc
  Fate view(Cursor& cursor, bool or_replace);
  bool drop_changed_view(const Table& view, Range range);
  void drop_readers(const std::vector<Name>& relations);

  // inline.cc
  /// What asking for a step's guards gives, without a database to ask.
  enum class Answer : uint8_t { Holds, Fails, Assumed, Unclear };
  Answer ask(const Procedure& procedure, const Step& step,
             const std::vector<std::string>& arguments);
  Answer ask(const Guard& guard, const Name& table, const std::string& name,
             const AlterTable& changes);
  AlterTable changes_of(const Procedure& procedure, const Step& step,
                        const std::vector<std::string>& arguments);
  bool remember_procedure(Cursor& cursor, const std::string& name);
  Fate call(Cursor& cursor);
  void run_step(const Procedure& procedure, const Step& step,
                const std::vector<std::string>& arguments, uint32_t& behind);

  // prepare.cc
  /// What a session variable holds, as far as it serves to put a statement together.
  struct Variable {
    Range text;                 ///< a string literal; empty: none
    std::optional<int> number;  ///< 0, or 1 for any other
    bool database = false;      ///< DATABASE()
  };
  std::optional<Variable> variable_value(Cursor& cursor, int depth);
  std::optional<bool> variable_condition(Cursor& cursor, int depth);
  std::optional<bool> schema_has(Cursor& cursor);
  bool remember_variable(const std::string& name, Cursor& cursor);
  std::optional<Fate> prepared(Cursor& cursor);
  std::optional<Fate> execute(Range literal);

  // unsupported.cc
  static bool has_no_counterpart(const Cursor& cursor);
  Fate without_counterpart(const Cursor& cursor);

  // tables.cc, columns.cc, keys.cc
  Fate create_table(Cursor& cursor, bool temporary, bool or_replace);
  bool add_query_columns(Cursor& cursor, CreateTable& definition);
  void loosen_zero_defaults(Table& table);
  Fate create_index(Cursor& cursor, KeyKind kind);
  Fate drop_index(Cursor& cursor);
  Table build(Cursor& cursor, CreateTable& definition, std::shared_ptr<Hindsight> hindsight);
  void set_type(Column& column, const Table& table);
  void name_column(Column& column);
  static void name_foreign_key(const Table& table, ForeignKey& key);
  bool column_sql(Cursor& cursor, const Table& table, Column& column, const TableOptions& options,
                  Text& out, bool altering);
  /// ` DEFAULT …`; false, with a finding, where it cannot be.
  bool default_sql(Cursor& cursor, const Column& column, Text& out);
  void generated_sql(Cursor& cursor, const Table& table, Column& column, Text& out);
  Text check_sql(const Column& column) const;
  std::optional<Text> expression_sql(Cursor& cursor, const Table& table, Span span, bool immutable,
                                     bool as_condition, Expr* result = nullptr);
  /// The key's columns for an index; nothing where it cannot be one.
  std::optional<Text> index_parts(Cursor& cursor, const Table& table, const Key& key);
  std::optional<Text> index_sql(Cursor& cursor, Table& table, Key& key, size_t& indexes);
  bool key_fits(const Table& table, const Key& key);
  Text foreign_key_sql(const Table& table, const ForeignKey& key);
  bool parent_is_unique(const ForeignKey& key);
  void add_missing_index(Table& table, const ForeignKey& key, std::vector<Text>& behind);
  void table_findings(const CreateTable& definition, const Table& table);

  // alter.cc
  Fate alter_table(Cursor& cursor);
  Fate alter_actions(Cursor& cursor, AlterTable& alter);
  void alter_add_column(Cursor& cursor, Table& table, Action& action);
  void alter_change(Cursor& cursor, Table* table, const Name& name, Action& action);
  void alter_key(Cursor& cursor, Table* table, const Name& name, Action& action);
  void alter_constraint(Cursor& cursor, Table* table, const Name& name, Action& action);
  void alter_one(Cursor& cursor, Table* table, const Name& name, Action& action);
  std::string alter_head(const Table* table, const Name& name) const;

  // insert.cc, rows.cc, modify.cc
  Fate insert(Cursor& cursor, bool replace);
  Fate update(Cursor& cursor);
  Fate remove(Cursor& cursor);
  struct Insert;
  void insert_rows(Cursor& cursor, Insert& insert);
  void add_columns(Insert& insert);
  void note_last_id(const Insert& insert, bool unclear);
  void report_rows(Insert& insert, const Name& written);
  void told_zero_date(const Insert& insert, const Column& column, const std::string& value,
                      Range range);
  bool insert_row(Cursor& cursor, Insert& insert, PlainWriter& plain, Text& out);
  bool insert_value(Cursor& cursor, Insert& insert, size_t column, std::string& out);
  Text upsert_sql(Cursor& cursor, Insert& insert);
  std::optional<Text> limited_where(const Table* table, const std::string& shown, Text where,
                                    Text order, Text limit);
  /// The WHERE of an UPDATE or DELETE of one table, with the rows of its LIMIT picked by their key;
  /// false when the table has none.
  bool add_where(Text& out, const Table* table, const std::string& shown, const Text& where,
                 const Text& order, const Text& limit, Range place);
  Fate dropped(Cursor& cursor);

  // shared
  Name resolve(const Name& name, const Table*& table) const;
  Name resolve_for_query(const Name& name, const Table*& table) const;
  Table* known(const Name& name);
  QueryWorld world() const;
  std::string bounded(const std::string& name, Range range);
  std::string index_name(const Table& table, const std::string& name, Range range);
  void report(std::string_view id, Range range, std::string message = {},
              std::vector<Note> notes = {}, std::string help = {});
  void report_notes(const QueryNotes& notes);
  void report_failure(const Cursor& cursor, std::string_view otherwise);
  Fate unsupported(std::string_view id, Range range, std::string message, std::string help = {});

  const SourceFile& source_;
  const std::string_view text_;
  const TranslateOptions& options_;
  const Sink& sink_;
  Modes modes_;
  std::string charset_;
  std::string zone_;                          ///< time_zone, where the text sets one other than UTC
  std::map<std::string, std::string> saved_;  ///< @variables that hold session settings
  bool mariadb_ = false;

  Symbols symbols_;
  // From the survey:
  std::vector<std::shared_ptr<Hindsight>> hindsights_;  ///< by CREATE TABLE, in order
  std::vector<std::shared_ptr<Table>> surveyed_;        ///< the same, as defined
  std::vector<Transaction> transactions_;
  std::map<std::string, LastView> last_views_;
  std::vector<Name> names_;  ///< of all relations
  std::set<std::string> databases_;
  std::set<std::string> qualifiers_;            ///< schemas that tables are created in, by name
  std::set<std::string> created_;               ///< tables that are created unqualified, lower case
  std::map<std::string, size_t> last_created_;  ///< table, lower case → its last CREATE TABLE

  /// Dates that became NULL, by table and column.
  struct ZeroDates {
    Range range;
    Range statement;
    size_t count = 0;
    std::set<std::string> partial;  ///< those that told more than that there is no date
  };
  std::map<std::pair<std::string, std::string>, ZeroDates> zero_dates_;
  std::set<const Table*> rows_told_;   ///< the finding about their rows has been made
  std::set<const Table*> folds_told_;  ///< the finding about their folded ALTERs has been made
  std::map<std::string, Procedure> procedures_;  ///< that are written out where they are called
  std::set<std::string> called_;                 ///< names in CALLs, lower case
  bool guarded_ = false;                         ///< what is written now may be there already
  std::set<std::string> routines_;               ///< those that were left out, lower case
  std::set<std::string> refused_;                ///< tables that cannot be created, lower case

  bool surveying_ = false;
  bool flags_ = false;  ///< a table has a column that becomes a boolean
  size_t create_tables_ = 0;
  size_t ordinal_ = 0;
  size_t next_transaction_ = 0;
  const Transaction* open_transaction_ = nullptr;
  bool transaction_dropped_ = false;
  bool transaction_split_ = false;
  uint64_t transaction_rows_ = 0;
  uint64_t transaction_bytes_ = 0;
  std::string database_;
  bool autocommit_ = true;
  bool foreign_key_checks_ = true;
  struct Prepared {
    Range text;
    std::set<std::string> variables;  ///< that it was put together from
  };
  std::map<std::string, Variable> variables_;
  std::map<std::string, std::set<std::string>> variable_reads_;  ///< what each was made of
  std::map<std::string, Prepared> prepared_;
  std::set<std::string> used_variables_;  ///< from the survey: those that statements are made of
  std::set<std::string> reading_;         ///< while a value is read: the variables in it
  std::string last_id_;                   ///< what LAST_INSERT_ID() is; empty: not known

  Range statement_;
  bool alter_if_exists_ = false;  ///< the current ALTER TABLE says IF EXISTS of an unknown table
  bool reencoded_ = false;
  bool semicolon_reported_ = false;
  std::vector<PendingForeignKey> pending_keys_;
  std::vector<PendingView> pending_views_;
  std::set<std::string> emitted_views_;
  std::set<std::string> gone_views_;  ///< dropped with what they read; lower case
  size_t emitted_ = 0;                ///< statements of the output so far
  Text pending_;
  uint32_t read_until_ = 0;  ///< of the source: what stands before it has been looked at
  bool blank_line_ = false;  ///< a blank line stands in the source since the last output
  std::vector<Piece> pieces_;
  Translation result_;
};

/// A comment of the input as one of the output: `#` begins none there, and there `/*` nests.
std::string comment_text(std::string_view comment);

}  // namespace dsqlint::mysql
