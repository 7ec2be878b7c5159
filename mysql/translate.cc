// The driver: statement by statement, with the surroundings that sessions have.

#include "mysql/translate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/parse/document.h"
#include "engine/text/plain_insert.h"
#include "mysql/translator.h"
#include "mysql/values.h"

namespace dsqlint::mysql {
namespace {

/// Output is handed on, and checked to parse, in pieces of about this size.
constexpr size_t kFlushBytes = size_t{1} << 20;

/// Statements without meaning for a schema or its rows.
constexpr std::array<std::string_view, 22> kNoise = {
    "analyze", "binlog",   "change", "check", "checksum", "delimiter", "desc",  "describe",
    "explain", "flush",    "help",   "kill",  "lock",     "optimize",  "purge", "repair",
    "reset",   "shutdown", "show",   "tee",   "unlock",   "warnings"};

bool has_blank_line(std::string_view text) {
  bool blank = false;  // nothing since the last line's end
  for (const char c : text) {
    if (c == '\n' && blank) return true;
    blank = c == '\n' || (blank && (c == ' ' || c == '\t' || c == '\r'));
  }
  return false;
}

/// The last 8 digits of a name that had to be cut: FNV-1a.
uint32_t hash_of(std::string_view text) {
  uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

}  // namespace

std::string comment_text(std::string_view comment) {
  std::string out;
  if (comment.starts_with("#")) {
    out = "--" + std::string(comment.substr(1));
  } else if (comment.starts_with("--")) {
    out = std::string(comment);
  } else {
    out = "/*";
    std::string_view inner = comment.substr(std::min<size_t>(2, comment.size()));
    const bool closed = inner.ends_with("*/");
    if (closed) inner.remove_suffix(2);
    for (size_t i = 0; i < inner.size(); ++i) {
      // There comments nest: an inner opening or closing mark would unbalance them.
      const bool mark = i + 1 < inner.size() && ((inner[i] == '/' && inner[i + 1] == '*') ||
                                                 (inner[i] == '*' && inner[i + 1] == '/'));
      out += inner[i];
      if (mark) out += ' ';
    }
    out += "*/";
  }
  // There a lone CR ends a comment to the end of the line.
  const bool line = out.starts_with("--");
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '\0' || (line && out[i] == '\r' && i + 1 < out.size())) out[i] = ' ';
  }
  if (!is_utf8(out)) out = to_utf8(out, "latin1").value_or("-- (a comment)");
  return out;
}

Translator::Translator(const SourceFile& source, const TranslateOptions& options, const Sink& sink)
    : source_(source),
      text_(source.text()),
      options_(options),
      sink_(sink),
      modes_(options.modes),
      charset_(options.charset) {
  const std::string_view head = text_.substr(0, 4096);
  mariadb_ = head.find("MariaDB dump") != std::string_view::npos ||
             head.find("/*M!") != std::string_view::npos ||
             head.find("-MariaDB") != std::string_view::npos;
}

Name Translator::resolve(const Name& name, const Table*& table) const {
  Name out = name;
  const std::string schema = lower(name.schema);
  if (databases_.size() > 1) {
    if (out.schema.empty()) out.schema = database_;
  } else if (!schema.empty() &&
             (databases_.count(schema) != 0 ||
              (qualifiers_.count(schema) == 0 && created_.count(lower(name.name)) != 0))) {
    out.schema.clear();  // the one database there is
  }
  table = symbols_.find(out);
  if (table != nullptr) {
    out.name = table->name;
    out.schema = table->schema;
    if (table->is_view) table = nullptr;
  }
  return out;
}

/// A query reads the columns of views, too.
Name Translator::resolve_for_query(const Name& name, const Table*& table) const {
  Name out = resolve(name, table);
  if (table == nullptr) {
    const Table* view = symbols_.find(out);
    if (view != nullptr && view->is_view && !view->columns.empty()) table = view;
  }
  return out;
}

Table* Translator::known(const Name& name) {
  const Table* table = nullptr;
  resolve(name, table);
  if (table == nullptr) return nullptr;
  return symbols_.find(
      {table->schema, table->original.empty() ? table->name : table->original, {}});
}

QueryWorld Translator::world() const {
  return {symbols_,
          options_,
          charset_,
          zone_,
          last_id_,
          [this](const Name& name, const Table*& table) { return resolve_for_query(name, table); }};
}

std::string Translator::bounded(const std::string& name, Range range) {
  const auto limit = static_cast<size_t>(options_.engine.limits().identifier_bytes);
  if (name.size() <= limit) return name;
  size_t cut = limit - 9;
  while (cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xC0) == 0x80) --cut;
  std::string out = name.substr(0, cut) + fmt::format("_{:08x}", hash_of(name));
  report("mysql_identifier_truncated", range,
         fmt::format("`{}` is {} bytes long and becomes `{}`", name, name.size(), out));
  return out;
}

std::string Translator::index_name(const Table& table, const std::string& name, Range range) {
  return symbols_.free_name(table.schema, bounded(table.name + "_" + name, range));
}

/// One blank line of the source, or several, are one in the output.
void Translator::open_line() {
  const std::string& out = pending_.text();
  const bool begins = out.empty() ? emitted_ == 0 : out.ends_with("\n\n");
  if (blank_line_ && !begins) pending_.add("\n");
  blank_line_ = false;
}

void Translator::emit(Text sql, bool data) {
  if (surveying_) return;
  open_line();
  const auto begin = static_cast<uint32_t>(pending_.size());
  pending_.mark(statement_);
  pending_.add(sql);
  pieces_.push_back({begin, static_cast<uint32_t>(pending_.size()), statement_, data});
  pending_.add(";\n");
  ++emitted_;
  if (pending_.size() >= kFlushBytes) flush();
}

/// What of the pending output does not parse. Rows of literals are read by the small grammar alone.
std::vector<Translator::Broken> Translator::broken_pieces() {
  std::vector<Broken> broken;
  std::string doubtful;
  std::vector<std::pair<uint32_t, const Piece*>> begins;  // of a piece in `doubtful`
  Tokens tokens;
  for (const Piece& piece : pieces_) {
    if (piece.data) {
      tokens.lex(pending_.text(), {piece.begin, piece.end});
      if (plain_insert_rows(tokens)) continue;
    }
    begins.emplace_back(static_cast<uint32_t>(doubtful.size()), &piece);
    doubtful.append(pending_.text(), piece.begin, piece.end - piece.begin);
    doubtful += ";\n";
  }
  if (begins.empty()) return broken;
  auto source = SourceFile::from_text(std::string(source_.path()), std::move(doubtful));
  if (!source) {
    // A byte that no text may hold, in one of them.
    for (const auto& [begin, piece] : begins) {
      if (is_valid_text(pending_.slice({piece->begin, piece->end}).text())) continue;
      broken.push_back({piece, {piece->begin, piece->end}, source.error().message});
    }
    return broken;
  }
  const Document document = Document::parse(*source, 1);
  for (const UnreadableStatement& unreadable : document.unreadable()) {
    if (unreadable.reason == UnreadableReason::TooLarge) continue;  // it has a separate message
    const auto next =
        std::upper_bound(begins.begin(), begins.end(), unreadable.statement.begin,
                         [](uint32_t at, const auto& entry) { return at < entry.first; });
    const auto& [begin, piece] = *std::prev(next);
    if (!broken.empty() && broken.back().piece == piece) continue;
    const uint32_t shift = piece->begin - begin;
    broken.push_back({piece,
                      {unreadable.range.begin + shift, unreadable.range.end + shift},
                      unreadable.message});
  }
  return broken;
}

/// Hands on what is written, once it is known to parse.
void Translator::flush() {
  if (pending_.empty()) return;
  const Range current = statement_;
  const std::vector<Broken> broken = broken_pieces();
  for (const Broken& one : broken) {
    statement_ = one.piece->statement;
    report("parse_error", pending_.source(one.range),
           "the translation of this statement does not parse: " + one.message, {},
           "write it by hand; the other statements were translated; please report this");
  }
  statement_ = current;
  if (broken.empty()) {
    sink_(pending_);
  } else {
    Text kept;
    uint32_t at = 0;
    for (const Broken& one : broken) {
      if (one.piece->begin > at) kept.add(pending_.slice({at, one.piece->begin}));
      at = one.piece->end + 2;  // with ";\n"
    }
    const auto end = static_cast<uint32_t>(pending_.size());
    if (end > at) kept.add(pending_.slice({at, end}));
    sink_(kept);
  }
  pending_.clear();
  pieces_.clear();
}

/// Comments keep their lines.
void Translator::comments(const Statement& statement, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const Range range = statement.comments[i];
    const size_t line = text_.rfind('\n', range.begin == 0 ? 0 : range.begin - 1);
    const size_t begin = line == std::string_view::npos || range.begin == 0 ? 0 : line + 1;
    // After the statement before, on its line; those inside this one go in front of it.
    const bool trails =
        (statement.tokens.empty() || range.begin < statement.range.begin) &&
        text_.substr(begin, range.begin - begin).find_first_not_of(" \t") != std::string_view::npos;
    blank_line_ =
        blank_line_ || (range.begin > read_until_ &&
                        has_blank_line(text_.substr(read_until_, range.begin - read_until_)));
    read_until_ = std::max(read_until_, range.end);
    std::string& out = pending_.bytes();
    if (trails && out.ends_with(";\n")) {
      out.back() = ' ';
    } else {
      open_line();
    }
    pending_.add(comment_text(source_.slice(range)), range);
    pending_.add("\n");
  }
}

bool Translator::noise(Cursor& cursor) const {
  const std::string word = lower(cursor.text());
  if (word == "lock" && !cursor.is("table", 1) && !cursor.is("tables", 1)) return false;
  return std::find(kNoise.begin(), kNoise.end(), word) != kNoise.end();
}

/// What stands after a BEGIN or `/*!` without end was taken to be inside.
void Translator::report_unclosed(const Statement& statement) {
  if (statement.unclosed.empty()) return;
  const bool comment = text_[statement.unclosed.begin] == '/';
  report("parse_error", statement.unclosed,
         comment ? "the executable comment that starts here is not closed"
                 : "the BEGIN that starts here has no END",
         {},
         comment ? "close it with `*/`; what follows was read as statements"
                 : "close it with END; all text after it is taken to be inside it");
}

void Translator::translate_statement(const Statement& statement) {
  statement_ = statement.range;
  ++result_.counts.read;
  result_.statements.push_back(statement.range);
  // Comments before it; those inside a CREATE TABLE find their places there.
  Cursor cursor(text_, statement, modes_);
  const bool table = cursor.is("create") &&
                     (cursor.is("table", 1) || cursor.is("table", 2) || cursor.is("table", 3));
  const auto first_inside = static_cast<size_t>(
      std::find_if(statement.comments.begin(), statement.comments.end(),
                   [&](Range comment) { return comment.begin > statement.range.begin; }) -
      statement.comments.begin());
  const size_t before = emitted_;
  // Those in the body of a routine are removed, or kept, with what they are about.
  const bool inside_too = !table && !statement.routine;
  comments(statement, inside_too ? statement.comments.size() : first_inside);
  if (statement.range.begin > read_until_) {
    blank_line_ = blank_line_ ||
                  has_blank_line(text_.substr(read_until_, statement.range.begin - read_until_));
  }
  read_until_ = std::max(read_until_, statement.end);
  Fate fate = Fate::Reported;
  if (statement.unterminated) {
    report("parse_error", statement.tokens.back().range(),
           "the quote or comment that starts here is not closed", {},
           "close it; all text after it is taken to be inside it");
  } else {
    fate = dispatch(cursor);
  }
  report_unclosed(statement);
  if (!statement.semicolon.empty() && !semicolon_reported_) {
    semicolon_reported_ = true;
    report("parse_error", statement.semicolon,
           "DELIMITER has been changed, so `;` does not end a statement here", {},
           "write `DELIMITER ;` before these statements; they were read as if it were there");
  }
  if (table && emitted_ == before) {
    Statement inner = statement;
    inner.comments.erase(inner.comments.begin(),
                         inner.comments.begin() + static_cast<std::ptrdiff_t>(first_inside));
    comments(inner, inner.comments.size());
  }
  size_t& count = fate == Fate::Translated ? result_.counts.translated
                  : fate == Fate::Noise    ? result_.counts.noise
                                           : result_.counts.reported;
  ++count;
  if (pending_.size() >= kFlushBytes) flush();
}

Translator::Fate Translator::dispatch(Cursor& cursor) {
  if (cursor.is("prepare") || cursor.is("execute") || cursor.is("deallocate") ||
      (cursor.is("drop") && cursor.is("prepare", 1))) {
    if (const auto fate = prepared(cursor)) return *fate;
  }
  if (noise(cursor)) return Fate::Noise;
  const std::string word = lower(cursor.text());
  if (has_no_counterpart(cursor)) return without_counterpart(cursor);
  if (word == "call") return call(cursor);
  if (word == "insert" || word == "replace" || word == "update" || word == "delete") {
    begin_implicitly();
  } else if (open_transaction_ != nullptr && open_transaction_->implicit &&
             (word == "create" || word == "alter" || word == "drop" || word == "rename" ||
              word == "truncate")) {
    // Definitions commit.
    if (!transaction_dropped_) emit(Text("COMMIT", statement_));
    open_transaction_ = nullptr;
    transaction_dropped_ = false;
  }
  if (word == "insert") return insert(cursor, false);
  if (word == "replace") return insert(cursor, true);
  if (word == "update") return update(cursor);
  if (word == "delete") return remove(cursor);
  if (word == "create") return create(cursor);
  if (word == "drop") return drop(cursor);
  if (word == "set") return set(cursor);
  if (word == "use") return use(cursor);
  if (word == "rename") return rename(cursor);
  if (word == "start" || word == "begin" || word == "commit" || word == "rollback" ||
      word == "savepoint" || word == "release") {
    return transaction(cursor);
  }
  if (word == "select" || word == "with" || word == "values" || word == "table" ||
      cursor.is_op("(")) {
    return query(cursor);
  }
  if (word == "truncate") {
    cursor.advance();
    cursor.accept("table");
    const Table* table = nullptr;
    const Name name = resolve(cursor.object_name(), table);
    if (cursor.failed()) {
      report_failure(cursor, "parse_error");
      return Fate::Reported;
    }
    emit(Text("TRUNCATE TABLE " + qualified(name.schema, name.name), cursor.statement().range),
         true);
    return Fate::Translated;
  }
  if (word == "alter") {
    cursor.advance();
    cursor.accept("ignore");
    cursor.accept("online");
    if (cursor.accept("table")) return alter_table(cursor);
    if (cursor.accept("database") || cursor.accept("schema")) return Fate::Noise;
    for (size_t i = 0; i < 12 && !cursor.done(); ++i, cursor.advance()) {
      if (cursor.is("view")) {
        cursor.advance();
        return view(cursor, true);
      }
    }
    return without_counterpart(cursor);
  }
  report("parse_error", cursor.peek().range(),
         fmt::format("`{}` does not start a known statement", cursor.text()));
  return Fate::Reported;
}

Translator::Fate Translator::create(Cursor& cursor) {
  cursor.advance();
  const bool or_replace = cursor.accept("or", "replace");
  const bool temporary = cursor.accept("temporary");
  if (cursor.accept("table")) return create_table(cursor, temporary, or_replace);
  if (cursor.accept("unique")) {
    cursor.expect("index");
    return create_index(cursor, KeyKind::Unique);
  }
  if (cursor.accept("fulltext", "index")) return create_index(cursor, KeyKind::Fulltext);
  if (cursor.accept("spatial", "index")) return create_index(cursor, KeyKind::Spatial);
  if (cursor.accept("index")) return create_index(cursor, KeyKind::Index);
  if (cursor.accept("database") || cursor.accept("schema")) return create_database(cursor);
  for (size_t i = 0; i < 16 && !cursor.done(); ++i, cursor.advance()) {
    if (cursor.is("view")) {
      cursor.advance();
      return view(cursor, or_replace);
    }
    for (const std::string_view kind : {"procedure", "function", "trigger", "event"}) {
      if (!cursor.is(kind)) continue;
      cursor.advance();
      if (cursor.accept("if")) cursor.accept("not", "exists");
      const std::string name = cursor.is_name() ? cursor.object_name().name : std::string();
      routines_.insert(lower(name));
      if (kind == "procedure" && remember_procedure(cursor, lower(name))) return Fate::Translated;
      return unsupported("mysql_routine_unsupported", cursor.range({0, 1}),
                         fmt::format("the {} `{}` is removed", kind, name));
    }
  }
  return without_counterpart(cursor);
}

Translator::Fate Translator::create_database(Cursor& cursor) {
  if (cursor.accept("if")) cursor.accept("not", "exists");
  const Range range = cursor.peek().range();
  const std::string name = cursor.name();
  if (cursor.failed()) {
    report_failure(cursor, "parse_error");
    return Fate::Reported;
  }
  if (databases_.size() <= 1) return Fate::Noise;
  emit(Text("CREATE SCHEMA IF NOT EXISTS " + identifier(name), range));
  report("mysql_database_to_schema", range,
         fmt::format("the database `{}` becomes a schema", name));
  return Fate::Translated;
}

Translator::Fate Translator::use(Cursor& cursor) {
  cursor.advance();
  database_ = cursor.name();
  if (cursor.failed()) {
    report_failure(cursor, "parse_error");
    return Fate::Reported;
  }
  return Fate::Noise;
}

Translator::Fate Translator::drop(Cursor& cursor) {
  cursor.advance();
  cursor.accept("temporary");
  const bool table = cursor.accept("table") || cursor.accept("tables");
  if (table || cursor.accept("view")) {
    const bool if_exists = cursor.accept("if", "exists");
    std::string list;
    std::vector<Name> names;
    do {
      const Table* known_table = nullptr;
      const Name name = resolve(cursor.object_name(), known_table);
      if (cursor.failed()) break;
      // It went with what it read.
      if (!table && !if_exists && gone_views_.erase(lower(name.name)) != 0) continue;
      list += (list.empty() ? "" : ", ") + qualified(name.schema, name.name);
      names.push_back(name);
    } while (cursor.accept_op(","));
    // RESTRICT and CASCADE do nothing in MySQL.
    if (!cursor.accept("cascade")) cursor.accept("restrict");
    if (cursor.failed() || !cursor.done()) {
      report_failure(cursor, "parse_error");
      return Fate::Reported;
    }
    drop_readers(names);
    for (const Name& name : names) symbols_.drop(name);
    if (list.empty()) return Fate::Translated;
    emit(Text(
        fmt::format("DROP {} {}{}", table ? "TABLE" : "VIEW", if_exists ? "IF EXISTS " : "", list),
        cursor.statement().range));
    return Fate::Translated;
  }
  if (cursor.accept("index")) return drop_index(cursor);
  for (const std::string_view kind : {"procedure", "function", "trigger", "event"}) {
    if (!cursor.accept(kind)) continue;
    const bool if_exists = cursor.accept("if", "exists");
    const std::string name = cursor.is_name() ? lower(cursor.object_name().name) : std::string();
    if (kind == "procedure") procedures_.erase(name);
    if (if_exists) return Fate::Noise;
    // One that has been left out is not there.
    if (routines_.count(name) != 0) return Fate::Noise;
    return unsupported("mysql_routine_unsupported", cursor.range({0, 2}),
                       fmt::format("the dropped {} does not exist", kind),
                       "delete the statement: routines, triggers and events are not translated");
  }
  if (cursor.accept("database") || cursor.accept("schema")) {
    const bool if_exists = cursor.accept("if", "exists");
    const std::string name = cursor.name();
    if (!cursor.failed() && databases_.size() > 1) {
      emit(Text(
          fmt::format("DROP SCHEMA {}{} CASCADE", if_exists ? "IF EXISTS " : "", identifier(name)),
          cursor.statement().range));
      report("mysql_database_to_schema", cursor.range({0, 2}),
             fmt::format("the database `{}` is a schema", name));
      return Fate::Translated;
    }
    if (if_exists) return Fate::Noise;
    return unsupported("mysql_statement_unsupported", cursor.range({0, 2}),
                       "the only database cannot be dropped",
                       "drop the tables one by one, or the cluster");
  }
  return without_counterpart(cursor);
}

void Translator::finish() {
  // What refers to tables that came later: now they are all there.
  for (PendingView& view : pending_views_) emit(std::move(view.sql));
  for (PendingForeignKey& pending : pending_keys_) {
    statement_ = pending.statement;
    const Name name{pending.table_schema, pending.table, {}};
    Table* child = symbols_.find(name);
    if (child == nullptr) continue;  // dropped since
    const Table* parent = nullptr;
    resolve(pending.key.parent, parent);
    if (parent == nullptr) {
      report("mysql_foreign_key_dropped", pending.key.range,
             fmt::format("`{}` is dropped before the end of the file", pending.key.parent.name));
      continue;
    }
    if (!parent_is_unique(pending.key)) {
      report("mysql_foreign_key_dropped", pending.key.range,
             fmt::format("the columns that it refers to are not a key of `{}`",
                         pending.key.parent.name));
      continue;
    }
    if (pending.key.name.empty()) pending.key.name = pending.key.target;
    const std::string head = "ALTER TABLE " + qualified(child->schema, child->name);
    emit(Text(head + " ADD ", pending.key.range)
             .add(foreign_key_sql(*child, pending.key))
             .add(" NOT VALID"));
    emit(Text(
        head + " VALIDATE CONSTRAINT " + identifier(bounded(pending.key.name, pending.key.range)),
        pending.key.range));
  }
  for (const auto& [name, dates] : zero_dates_) {
    statement_ = dates.statement;
    std::vector<Note> notes;
    if (!dates.partial.empty()) {
      std::string list;
      for (const std::string& value : dates.partial) {
        list += (list.empty() ? "'" : ", '") + value + "'";
      }
      notes.push_back({fmt::format("the year or month of {} is lost", list)});
    }
    report("mysql_zero_date_to_null", dates.range,
           fmt::format("{} of `{}`.`{}` {} NULL",
                       dates.count == 1 ? std::string("1 zero or partial date")
                                        : fmt::format("{} zero or partial dates", dates.count),
                       name.first, name.second, dates.count == 1 ? "becomes" : "become"),
           std::move(notes));
  }
  flush();
}

Translation Translator::run() {
  History::State* earlier = options_.history == nullptr ? nullptr : &options_.history->state();
  if (earlier != nullptr) symbols_ = Symbols(&earlier->symbols);
  survey();
  // Tables are defined again; the names of all of them are taken.
  symbols_ = Symbols();
  if (earlier != nullptr) {
    symbols_ = std::move(earlier->symbols);
    routines_ = std::move(earlier->routines);
    refused_ = std::move(earlier->refused);
  }
  for (const Name& name : names_) symbols_.take_name(name.schema, name.name);
  modes_ = options_.modes;
  charset_ = options_.charset;
  zone_.clear();
  saved_.clear();
  database_.clear();
  open_transaction_ = nullptr;
  autocommit_ = foreign_key_checks_ = true;
  variables_.clear();
  variable_reads_.clear();
  prepared_.clear();
  Splitter splitter(text_, modes_, mariadb_);
  Statement statement;
  ordinal_ = 0;
  const auto note_directives = [&] {
    for (const Range comment : statement.comments) {
      if (source_.slice(comment).find("dsqlint:") != std::string_view::npos) {
        result_.directives.push_back(comment);
      }
    }
  };
  while (splitter.next(statement)) {
    note_directives();
    translate_statement(statement);
    splitter.set_modes(modes_);
    ++ordinal_;
    source_.release({0, statement.end});
  }
  note_directives();
  comments(statement, statement.comments.size());
  if (statement.unterminated) {
    statement_ = statement.comments.empty() ? Range{} : statement.comments.back();
    report("parse_error", statement_, "the comment that starts here is not closed", {},
           "close it; all text after it is taken to be inside it");
  }
  if (!statement.unclosed.empty()) {
    statement_ = statement.unclosed;
    report_unclosed(statement);
  }
  finish();
  if (earlier != nullptr) {
    for (const auto& hindsight : hindsights_) {
      *hindsight = {.earlier = true,
                    .overrides = std::move(hindsight->overrides),
                    .key_columns = std::move(hindsight->key_columns)};
    }
    earlier->symbols = std::move(symbols_);
    earlier->routines = std::move(routines_);
    earlier->refused = std::move(refused_);
  }
  sort_findings(result_.findings);
  return std::move(result_);
}

History::History() : state_(std::make_unique<State>()) {}
History::~History() = default;

Translation translate(const SourceFile& source, const TranslateOptions& options, const Sink& sink) {
  return Translator(source, options, sink).run();
}

Translation translate(const SourceFile& source, const TranslateOptions& options) {
  Text text;
  const Sink sink = [&](const Text& piece) { text.add(piece); };
  Translation translation = translate(source, options, sink);
  translation.text = std::move(text);
  return translation;
}

Choices contract_choices() {
  return {.checks = false,
          .zoned_timestamps = false,
          .integer_bits = false,
          .uuid_keys = false,
          .narrow_keys = false,
          .prefix_indexes = false};
}

Result<std::shared_ptr<const SourceFile>> load(const std::string& path) {
  return SourceFile::load(path, Encoding::Bytes);
}

}  // namespace dsqlint::mysql
