// What a rule is, and what it sees.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <typeindex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/catalog/schema.h"
#include "engine/lint/config.h"
#include "engine/lint/diagnostic.h"
#include "engine/lint/engine.h"
#include "engine/lint/layout.h"
#include "engine/lint/suppress.h"
#include "engine/parse/ast.h"
#include "engine/parse/document.h"

namespace dsqlint {

/// What one check sees of one statement. Created for each statement; never shared between threads.
class Context : public ParsedStatement {
 public:
  Context(const SourceFile& source, const Statement& statement, const Tokens& tokens,
          const Engine& engine, std::vector<Diagnostic>& findings)
      : ParsedStatement(statement, tokens), source_(source), engine_(engine), findings_(findings) {}

  const SourceFile& source() const { return source_; }
  const Engine& engine() const { return engine_; }
  /// From the statement's node down to the parent of the one being checked; node rules only.
  std::span<const AstRef> parents() const { return parents_; }
  /// Is it a statement in the body of a LANGUAGE sql function? Rules that look at the whole file or
  /// at what came before do not see those.
  bool in_body() const { return in_body_; }

  /// The first word or two of the statement: what a finding about all of it points at.
  Range head() const;

  /// Under the running rule's id, no other.
  void report(Diagnostic finding);
  /// The rule's check(AstRef, SchemaContext&) sees the statement again, when the schema before it
  /// is known. To be called from a check of a node.
  void see_again() { asked_ = true; }

 private:
  friend class Linter;

  const SourceFile& source_;
  const Engine& engine_;
  std::vector<Diagnostic>& findings_;
  std::span<const AstRef> parents_;
  bool in_body_ = false;
  bool asked_ = false;
  const RuleInfo* rule_ = nullptr;
};

/// A statement, or a part of it, that another rule handles: an idiom that removes or rewrites it.
/// Other findings there are dropped, as long as the finding that the claim came with is not
/// suppressed.
struct Claim {
  Range statement;
  Range part;  ///< findings that begin in it are covered
  const RuleInfo* by = nullptr;
  Range finding;                         ///< of `by`
  std::vector<std::string_view> except;  ///< rules whose findings stay
};

/// What several checks need to know of one file; each part is computed by the first check that
/// asks. Checks may ask from several threads.
class FactStore {
 public:
  /// Empty at first. Written while the statements pass, by one thread at a time.
  template <typename Notes>
  Notes& notes() {
    Slot& slot = slot_of(std::type_index(typeid(Notes)));
    std::call_once(slot.made, [&] { slot.facts = std::make_shared<Notes>(); });
    return *static_cast<Notes*>(slot.facts.get());
  }
  template <typename Facts, typename From>
  const Facts& get(From&& from) {
    Slot& slot = slot_of(std::type_index(typeid(Facts)));
    std::call_once(slot.made, [&] { slot.facts = std::make_shared<Facts>(from); });
    return *static_cast<const Facts*>(slot.facts.get());
  }
  void clear() { slots_.clear(); }

 private:
  struct Slot {
    std::once_flag made;
    std::shared_ptr<void> facts;
  };
  Slot& slot_of(std::type_index type) {
    const std::lock_guard lock(mutex_);
    return slots_[type];
  }

  std::mutex mutex_;
  std::unordered_map<std::type_index, Slot> slots_;
};

/// A check that needs to know what earlier statements did. Runs in statement order, one thread.
class SchemaContext : public Context {
 public:
  SchemaContext(const Context& base, const Document& document, const Schema& schema,
                FactStore& facts)
      : Context(base), document_(document), schema_(schema), facts_(facts) {}
  const Document& document() const { return document_; }
  /// As it is before this statement.
  const Schema& schema() const { return schema_; }
  /// The number of this statement's file in StatementRef: its fixes may change others of that
  /// number.
  uint32_t file() const {
    return schema_.file() + source().file_number(source().file_at(statement().range.begin));
  }
  /// Facts about the text of the whole file, computed from the SourceFile by the first that asks.
  template <typename Facts>
  const Facts& facts() const {
    return facts_.get<Facts>(source());
  }
  /// What was noted of the file.
  template <typename Notes>
  const Notes& notes() const {
    return facts_.notes<Notes>();
  }

 private:
  const Document& document_;
  const Schema& schema_;
  FactStore& facts_;
};

/// What a check sees that takes notes for a check of the whole file: while a statement passes, its
/// tree is available, and later it is no longer in the caches. Runs in statement order, on one
/// thread, whether its rule is on or not, because other rules read the notes too.
class NoteContext {
 public:
  NoteContext(const Document& document, size_t index, const Schema& schema, const Engine& engine,
              FactStore& facts)
      : document_(document), index_(index), schema_(schema), engine_(engine), facts_(facts) {}
  size_t index() const { return index_; }
  const Statement& statement() const { return document_.statements()[index_]; }
  AstRef tree() const { return tree_of(statement()); }
  /// As it is before this statement.
  const Schema& schema() const { return schema_; }
  /// As SchemaContext::file.
  uint32_t file() const { return schema_.file() + document_.file_number(index_); }
  const Engine& engine() const { return engine_; }
  template <typename Notes>
  Notes& notes() const {
    return facts_.notes<Notes>();
  }

 private:
  const Document& document_;
  size_t index_;
  const Schema& schema_;
  const Engine& engine_;
  FactStore& facts_;
};

/// Computed by the first that asks, on any thread.
template <typename Value>
class Lazy {
 public:
  explicit Lazy(std::function<Value()> make) : make_(std::move(make)) {}
  const Value& get() {
    std::call_once(made_, [&] { value_ = make_(); });
    return value_;
  }

 private:
  std::function<Value()> make_;
  std::once_flag made_;
  Value value_ = {};
};

/// What all checks over one file see of it.
struct Script {
  const Document& document;
  const Schema& schema;  ///< as it is after the last statement
  const Config& config;
  const std::vector<Suppression>& suppressions;
  const Layout& layout;
  const Carried& carried;
  FactStore& facts;
  Lazy<std::vector<bool>>* removed = nullptr;  ///< by statement: a fix deletes it; null: unknown
};

/// A check over the whole file, after all statements. Checks of one phase run in parallel, and do
/// not see each other's findings.
class ScriptContext {
 public:
  ScriptContext(Script& script, const RuleInfo& rule, std::vector<Diagnostic>& findings,
                std::vector<Claim>& claims)
      : script_(script), rule_(rule), findings_(findings), claims_(claims) {}
  const Document& document() const { return script_.document; }
  const SourceFile& source() const { return script_.document.source(); }
  /// As it is after the last statement.
  const Schema& schema() const { return script_.schema; }
  /// The number of the statement's file in StatementRef: its fixes may change others of that
  /// number.
  uint32_t file(size_t statement) const {
    return script_.schema.file() + script_.document.file_number(statement);
  }
  /// Is it a statement of this document?
  bool is_here(StatementRef ref) const { return ref.file >= script_.schema.file(); }
  /// Is it one that a fix of `statement` may change?
  bool is_beside(StatementRef ref, size_t statement) const {
    return is_here(ref) && ref.file == file(statement);
  }
  const Engine& engine() const { return script_.config.engine; }
  /// The transactions that the runner opens; none when the text is run statement by statement.
  const Layout& layout() const { return script_.layout; }
  /// What the first of them holds before this file.
  const Carried& carried() const { return script_.carried; }
  bool enabled(std::string_view rule) const { return script_.config.enabled(rule); }
  /// Will a comment silence a finding of `rule` at `range`?
  bool suppressed(std::string_view rule, Range range) const;
  void report(Diagnostic finding);
  /// Call it after `report`: findings of other rules on `statement` are dropped, except those named
  /// and other idioms'.
  void claim(const Statement& statement, std::vector<std::string_view> except = {});
  /// The same for findings that begin in `part` of it.
  void claim(const Statement& statement, Range part, std::vector<std::string_view> except = {});
  /// Does a fix delete `statement`, one of the document's? Those of idioms and of the statement's
  /// own rules are known to rules of Phase::Statement, those of scripts too to rules of
  /// Phase::Transaction.
  bool removed(const Statement& statement) const;
  /// What several rules need to know of the file: made from the context by the first that asks.
  template <typename Facts>
  const Facts& facts() {
    return script_.facts.get<Facts>(*this);
  }
  /// What was noted of the statements as they passed.
  template <typename Notes>
  const Notes& notes() const {
    return script_.facts.notes<Notes>();
  }

 private:
  Script& script_;
  const RuleInfo& rule_;
  std::vector<Diagnostic>& findings_;
  std::vector<Claim>& claims_;
  bool dropped_ = false;  ///< the last report was
};

/// The statements of a document whose own node is a `Node`, in order:
///   for (const auto& [index, create] : StatementsOf<pg::CreateStmt>(document)) …
template <typename Node>
class StatementsOf {
 public:
  struct Found {
    size_t index;  ///< in Document::statements()
    const Node& node;
  };
  class Iterator {
   public:
    Iterator(const StatementsOf& all, size_t at) : all_(all), at_(at) {}
    Found operator*() const { return all_.found(at_); }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const StatementsOf& all_;
    size_t at_;
  };

  explicit StatementsOf(const Document& document)
      : statements_(document.statements()), indexes_(document.of_kind(NodeCaseOf<Node>::value)) {}
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, indexes_.size()}; }

 private:
  Found found(size_t at) const {
    // In a big file the trees have long left the caches: the next ones are on their way while this
    // one is looked at.
    constexpr size_t kAhead = 4;
    if (at + kAhead < indexes_.size()) {
      const auto* tree = reinterpret_cast<const char*>(statements_[indexes_[at + kAhead]].tree);
      for (size_t line = 0; line < 8; ++line) __builtin_prefetch(tree + line * 64);
    }
    const size_t index = indexes_[at];
    return {index, *static_cast<const Node*>(statements_[index].tree)};
  }

  std::span<const Statement> statements_;
  std::span<const uint32_t> indexes_;
};

using Message = google::protobuf::Message;

/// One rule, or one of several hooks of the same rule (same info). Made by the functions below,
/// which read the node type from the check's parameter: a misspelt hook does not compile.
struct Rule {
  RuleInfo info;
  int kind = 0;  ///< pg::Node::NodeCase the check is for; 0: any statement
  void (*on_node)(const Message& node, Context& ctx) = nullptr;
  void (*on_statement)(Context& ctx) = nullptr;
  void (*on_schema)(const Message& node, SchemaContext& ctx) = nullptr;
  void (*on_conflict)(const RowUse& use, SchemaContext& ctx) = nullptr;
  void (*on_asked)(AstRef tree, SchemaContext& ctx) = nullptr;
  void (*on_note)(const Message& node, NoteContext& ctx) = nullptr;
  void (*on_script)(ScriptContext& ctx) = nullptr;
};

namespace rule_detail {

template <auto check, typename Node>
constexpr Rule make(const RuleInfo& info, void (*)(const Node&, Context&)) {
  return {.info = info,
          .kind = NodeCaseOf<Node>::value,
          .on_node = [](const Message& node, Context& ctx) {
            check(static_cast<const Node&>(node), ctx);
          }};
}
template <auto check, typename Node>
constexpr Rule make(const RuleInfo& info, void (*)(const Node&, SchemaContext&)) {
  return {.info = info,
          .kind = NodeCaseOf<Node>::value,
          .on_schema = [](const Message& node, SchemaContext& ctx) {
            check(static_cast<const Node&>(node), ctx);
          }};
}
template <auto check, typename Node>
constexpr Rule make(const RuleInfo& info, void (*)(const Node&, NoteContext&)) {
  return {.info = info,
          .kind = NodeCaseOf<Node>::value,
          .on_note = [](const Message& node, NoteContext& ctx) {
            check(static_cast<const Node&>(node), ctx);
          }};
}
template <auto check>
constexpr Rule make(const RuleInfo& info, void (*)(const RowUse&, SchemaContext&)) {
  return {.info = info, .on_conflict = check};
}
template <auto check>
constexpr Rule make(const RuleInfo& info, void (*)(AstRef, SchemaContext&)) {
  return {.info = info, .on_asked = check};
}
template <auto check>
constexpr Rule make(const RuleInfo& info, void (*)(Context&)) {
  return {.info = info, .on_statement = check};
}
template <auto check>
constexpr Rule make(const RuleInfo& info, void (*)(ScriptContext&)) {
  return {.info = info, .on_script = check};
}

}  // namespace rule_detail

/// `check` is one of
///   void check(const pg::X& node, Context& ctx)          every X of a statement, in parallel
///   void check(Context& ctx)                             every statement, by tokens and masks
///   void check(const pg::X& node, SchemaContext& ctx)    statements whose own node is X, in order
///   void check(const RowUse& use, SchemaContext& ctx)    every ON CONFLICT ON CONSTRAINT, in order
///   void check(AstRef tree, SchemaContext& ctx)          statements that a check of the first kind
///                                                        has asked for (see_again), in order
///   void check(const pg::X& node, NoteContext& ctx)      as with SchemaContext, for a check of the
///                                                        whole file
///   void check(ScriptContext& ctx)                       once per file
template <auto check>
constexpr Rule rule(const RuleInfo& info) {
  return rule_detail::make<check>(info, check);
}

}  // namespace dsqlint
