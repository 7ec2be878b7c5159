#include "mysql/procedure.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace dsqlint::mysql {
namespace {

/// Deepest nesting of IFs.
constexpr int kMaxIfs = 20;

class Reader {
 public:
  explicit Reader(Cursor& cursor) : c_(cursor) {}

  std::optional<Procedure> read() {
    procedure_.statement = c_.statement();
    read_parameters();
    // COMMENT 'x', DETERMINISTIC, SQL SECURITY INVOKER …
    while (!c_.done() && !c_.is("begin")) c_.advance();
    c_.expect("begin");
    while (good() && !c_.is("end")) read_step(0);
    c_.expect("end");
    if (!good() || !c_.done() || procedure_.steps.empty()) return std::nullopt;
    return std::move(procedure_);
  }

 private:
  bool good() const { return good_ && !c_.failed(); }
  void refuse() { good_ = false; }
  bool more() const { return good() && c_.at() < c_.end(); }

  void read_parameters() {
    c_.expect_op("(");
    while (more() && !c_.is_op(")")) {
      if (c_.is("out") || c_.is("inout")) return refuse();
      c_.accept("in");
      procedure_.parameters.push_back(lower(c_.name()));
      while (more() && !c_.is_op(",") && !c_.is_op(")")) {
        if (c_.is_op("(")) {
          c_.skip_brackets();
        } else {
          c_.advance();
        }
      }
      if (!c_.accept_op(",")) break;
    }
    c_.expect_op(")");
  }

  void end_of_statement() { c_.expect_op(";"); }

  void read_step(int depth) {
    if (!more() || depth > kMaxIfs) return refuse();
    if (c_.accept("declare")) return read_declaration();
    if (c_.accept("set")) return read_set();
    if (c_.accept("select")) return read_answer();
    if (c_.accept("prepare")) return read_prepared();
    if (c_.accept("if")) return read_if(depth);
    const bool definition =
        (c_.is("alter") && c_.is("table", 1)) || (c_.is("drop") && c_.is("index", 1)) ||
        (c_.is("create") && (c_.is("index", 1) || (c_.is("unique", 1) && c_.is("index", 2))));
    if (!definition) return refuse();
    const size_t begin = c_.at();
    while (more() && !c_.is_op(";")) {
      // A variable or parameter in it would be read as a name.
      const std::string word = lower(c_.text());
      if (c_.peek().kind == Kind::Variable) return refuse();
      if (c_.peek().kind == Kind::Word && (parameter(word) >= 0 || declared_.count(word) != 0)) {
        return refuse();
      }
      c_.advance();
    }
    add({.statement = {begin, c_.at()}});
    end_of_statement();
  }

  void add(Step step) {
    step.guards = guards_;
    step.tolerant = tolerant_;
    procedure_.steps.push_back(std::move(step));
  }

  void read_declaration() {
    if (c_.accept("continue")) {
      c_.expect("handler");
      c_.expect("for");
      c_.expect("sqlexception");
      c_.expect("begin");
      c_.expect("end");
      tolerant_ = true;
    } else {
      declared_.insert(lower(c_.name()));
      while (more() && !c_.is_op(";")) {
        if (c_.is("cursor") || c_.is("condition") || c_.is("handler")) return refuse();
        c_.advance();
      }
    }
    end_of_statement();
  }

  /// SET @q = CONCAT('…', parameter, …)
  void read_set() {
    if (c_.peek().kind != Kind::Variable) return refuse();
    const std::string name = lower(c_.text());
    c_.advance();
    if (!c_.accept_op("=") && !c_.accept_op(":=")) return refuse();
    std::vector<Argument> parts;
    if (c_.accept("concat")) {
      c_.expect_op("(");
      do {
        const auto part = read_argument();
        if (!part) return refuse();
        parts.insert(parts.end(), part->begin(), part->end());
      } while (good() && c_.accept_op(","));
      c_.expect_op(")");
    } else {
      auto part = read_argument();
      if (!part) return refuse();
      parts = std::move(*part);
    }
    variables_[name] = std::move(parts);
    end_of_statement();
  }

  /// PREPARE s FROM @q; EXECUTE s; DEALLOCATE PREPARE s
  void read_prepared() {
    const std::string name = lower(c_.name());
    c_.expect("from");
    const auto text = read_argument();
    if (!text) return refuse();
    end_of_statement();
    c_.expect("execute");
    if (lower(c_.name()) != name) return refuse();
    end_of_statement();
    if (c_.is("deallocate") || (c_.is("drop") && c_.is("prepare", 1))) {
      c_.advance();
      c_.expect("prepare");
      c_.name();
      end_of_statement();
    }
    add({.dynamic = *text});
  }

  /// SELECT 1 INTO @found FROM information_schema.…
  void read_answer() {
    if (c_.peek().kind == Kind::Number) c_.advance();
    c_.expect("into");
    if (c_.peek().kind != Kind::Variable) return refuse();
    const std::string variable = lower(c_.text());
    c_.advance();
    Guard guard;
    if (!read_question(guard)) return refuse();
    answers_[variable] = std::move(guard);
    end_of_statement();
  }

  void read_if(int depth) {
    const size_t outer = guards_.size();
    do {
      if (!read_guard()) return refuse();
    } while (good() && c_.accept("and"));
    c_.expect("then");
    while (good() && !c_.is("end")) read_step(depth + 1);
    c_.expect("end");
    c_.expect("if");
    end_of_statement();
    guards_.resize(std::min(outer, guards_.size()));
  }

  /// [NOT] EXISTS (SELECT …), or (SELECT count(*) …) = 0.
  bool read_guard() {
    Guard guard;
    const bool negated = c_.accept("not");
    if (c_.peek().kind == Kind::Variable) {
      const auto answer = answers_.find(lower(c_.text()));
      if (answer == answers_.end()) return false;
      c_.advance();
      guard = answer->second;
      guard.exists = !negated;
    } else if (!c_.accept("exists")) {
      const bool counts = c_.is_op("(") && c_.is("select", 1) && c_.is("count", 2);
      if (negated || !counts || !read_subquery(guard)) return false;
      const bool none = c_.is_op("=") && c_.slice(c_.peek(1)) == "0";
      const bool some = c_.is_op(">") && c_.slice(c_.peek(1)) == "0";
      if (!none && !some) return false;
      c_.advance(2);
      guard.exists = some;
    } else {
      if (!read_subquery(guard)) return false;
      guard.exists = !negated;
    }
    guards_.push_back(std::move(guard));
    return true;
  }

  /// (SELECT … FROM information_schema.…)
  bool read_subquery(Guard& guard) {
    c_.expect_op("(");
    const bool twice = c_.accept_op("(");
    c_.expect("select");
    while (more() && !c_.is("from")) c_.advance();
    if (!read_question(guard)) return false;
    if (twice) c_.expect_op(")");
    c_.expect_op(")");
    return good();
  }

  /// FROM information_schema.… WHERE a = 'x' AND …
  bool read_question(Guard& guard) {
    c_.expect("from");
    if (!c_.accept("information_schema")) return false;
    c_.expect_op(".");
    const std::string relation = lower(c_.name());
    c_.expect("where");
    std::optional<Argument> table;
    std::optional<Argument> column;
    std::optional<Argument> key;
    bool unique = false;
    do {
      const std::string asked = lower(c_.name());
      c_.expect_op("=");
      if (c_.accept("database") || c_.accept("schema")) {
        c_.expect_op("(");
        c_.expect_op(")");
        if (!asked.ends_with("_schema")) return false;
        continue;
      }
      auto value = read_argument();
      if (!value || value->size() != 1) return false;
      Argument& one = (*value)[0];
      if (asked == "table_name") {
        table = std::move(one);
      } else if (asked == "column_name") {
        column = std::move(one);
      } else if (asked == "index_name" || asked == "constraint_name") {
        key = std::move(one);
      } else if (asked == "column_key" && lower(one.text) == "uni") {
        unique = true;
      } else if (asked != "constraint_type" && asked != "referenced_table_name" &&
                 !asked.ends_with("_schema")) {
        return false;
      }
    } while (good() && c_.accept("and"));
    if (!good() || !table) return false;
    guard.table = std::move(*table);
    const bool columns = relation == "columns";
    if (columns || relation == "tables") {
      if (key || (unique && !column)) return false;
      guard.kind = !column  ? Guard::Kind::Table
                   : unique ? Guard::Kind::UniqueColumn
                            : Guard::Kind::Column;
      if (column) guard.name = std::move(*column);
      return columns || !column;
    }
    constexpr std::array<std::string_view, 4> kKeys = {
        "key_column_usage", "referential_constraints", "statistics", "table_constraints"};
    if (std::find(kKeys.begin(), kKeys.end(), relation) == kKeys.end() || !key) return false;
    guard.kind = Guard::Kind::Key;
    guard.name = std::move(*key);
    return true;
  }

  int parameter(const std::string& name) const {
    const auto found = std::find(procedure_.parameters.begin(), procedure_.parameters.end(), name);
    return found == procedure_.parameters.end()
               ? -1
               : static_cast<int>(found - procedure_.parameters.begin());
  }

  /// A string, a parameter, or a variable that was put together from them.
  std::optional<std::vector<Argument>> read_argument() {
    if (c_.peek().kind == Kind::String) return std::vector{Argument{.text = c_.string()}};
    if (c_.peek().kind == Kind::Number) {
      std::string digits(c_.text());
      c_.advance();
      return std::vector{Argument{.text = std::move(digits)}};
    }
    const std::string word = lower(c_.text());
    if (c_.peek().kind == Kind::Variable) {
      const auto found = variables_.find(word);
      if (found == variables_.end()) return std::nullopt;
      c_.advance();
      return found->second;
    }
    const int index = c_.is_name() ? parameter(lower(c_.name())) : -1;
    if (index < 0) return std::nullopt;
    return std::vector{Argument{.parameter = index}};
  }

  Cursor& c_;
  Procedure procedure_;
  bool good_ = true;
  bool tolerant_ = false;
  std::vector<Guard> guards_;
  std::set<std::string> declared_;
  std::map<std::string, Guard> answers_;  ///< by the variable that holds them
  std::map<std::string, std::vector<Argument>> variables_;
};

}  // namespace

std::optional<Procedure> parse_procedure(Cursor& cursor) { return Reader(cursor).read(); }

}  // namespace dsqlint::mysql
