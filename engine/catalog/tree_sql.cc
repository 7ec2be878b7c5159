#include "engine/catalog/tree_sql.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>
#include <pg_query.h>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/parse/parse.h"
#include "engine/parse/stack.h"
#include "engine/parse/walk.h"

namespace dsqlint::catalog {
namespace {

using google::protobuf::Arena;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool is_statement(const pg::Node& node) {
  const AstRef inner = unwrap(node);
  return inner.kind != 0 && inner.message->GetDescriptor()->name().ends_with("Stmt");
}

std::optional<std::string> deparse(const pg::ParseResult& trees) {
  const std::string bytes = trees.SerializeAsString();
  // The deparser only reads it.
  PgQueryDeparseResult result =
      pg_query_deparse_protobuf({bytes.size(), const_cast<char*>(bytes.data())});
  std::optional<std::string> sql;
  if (result.error == nullptr && result.query != nullptr) sql = result.query;
  pg_query_free_deparse_result(result);
  return sql;
}

/// What stands around a part that is no statement, in the text that the deparser makes.
struct Frame {
  std::string_view before;
  std::string_view after;
};

/// `node` as a statement, which takes it over, and what has come round it.
Frame into_statement(pg::Node& node, pg::Node& statement) {
  if (is_statement(node)) {
    statement.Swap(&node);
    return {};
  }
  if (node.has_partition_bound_spec() || node.has_partition_spec() || node.has_constraint()) {
    pg::CreateStmt& create = *statement.mutable_create_stmt();
    create.set_oncommit(pg::ONCOMMIT_NOOP);
    pg::RangeVar& relation = *create.mutable_relation();
    relation.set_relname("x");
    relation.set_inh(true);
    relation.set_relpersistence("p");
    if (node.has_constraint()) {
      create.add_table_elts()->Swap(&node);
      return {"CREATE TABLE x (", ")"};
    }
    if (node.has_partition_spec()) {
      create.mutable_partspec()->Swap(node.mutable_partition_spec());
      return {"CREATE TABLE x () ", ""};
    }
    *create.add_inh_relations()->mutable_range_var() = relation;
    create.mutable_partbound()->Swap(node.mutable_partition_bound_spec());
    return {"CREATE TABLE x PARTITION OF x ", ""};
  }
  pg::SelectStmt& select = *statement.mutable_select_stmt();
  select.set_limit_option(pg::LIMIT_OPTION_DEFAULT);
  select.set_op(pg::SETOP_NONE);
  pg::Node& value = *select.add_target_list()->mutable_res_target()->mutable_val();
  if (node.has_type_name()) {
    pg::TypeCast& cast = *value.mutable_type_cast();
    cast.mutable_arg()->mutable_a_const()->set_isnull(true);
    cast.mutable_type_name()->Swap(node.mutable_type_name());
    return {"SELECT NULL::", ""};
  }
  value.Swap(&node);
  return {"SELECT ", ""};
}

/// Where an expression begins and how its parts hang together is no part of what it means.
void forget_places(Message& root) {
  std::vector<Message*> pending = {&root};
  std::vector<const FieldDescriptor*> fields;
  while (!pending.empty()) {
    Message& message = *pending.back();
    pending.pop_back();
    const auto* reflection = message.GetReflection();
    fields.clear();
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        if (!field->is_repeated()) {
          pending.push_back(reflection->MutableMessage(&message, field));
          continue;
        }
        const int count = reflection->FieldSize(message, field);
        for (int i = 0; i < count; ++i) {
          pending.push_back(reflection->MutableRepeatedMessage(&message, field, i));
        }
      } else if (field->name().find("location") != std::string::npos ||
                 field->name() == "stmt_len" || field->name().ends_with("list_start") ||
                 field->name().ends_with("list_end")) {
        reflection->ClearField(&message, field);
      }
    }
  }
}

/// The tree of the text as bytes, without places; empty where it does not parse.
std::string meaning(std::string sql) {
  Arena arena;
  sql.insert(0, 1, ' ');
  const Parsed parsed = parse_statement(sql, arena);
  if (parsed.node == nullptr) return {};
  auto& tree = const_cast<pg::Node&>(*parsed.node);  // of an arena that is ours
  forget_places(tree);
  return tree.SerializeAsString();
}

/// Stands without parentheses wherever an operand can.
bool is_atom(const pg::Node& node, bool subscripted) {
  switch (node.node_case()) {
    case pg::Node::NODE_NOT_SET:
    case pg::Node::kColumnRef:
    case pg::Node::kParamRef:
    case pg::Node::kRowExpr:
    case pg::Node::kList:
    case pg::Node::kString:
    case pg::Node::kSetToDefault:
      return true;
    case pg::Node::kAConst: {
      const pg::A_Const& constant = node.a_const();
      if (subscripted) return false;
      return !(constant.has_ival() && constant.ival().ival() < 0) &&
             !(constant.has_fval() && constant.fval().fval().starts_with('-'));
    }
    case pg::Node::kFuncCall:
      return !subscripted && node.func_call().funcformat() != pg::COERCE_SQL_SYNTAX &&
             !node.func_call().has_over();
    default:
      return false;
  }
}

/// Puts parentheses around all operands. The deparser writes a row of one value as that.
void parenthesize(Message& root) {
  std::vector<std::pair<pg::Node*, bool>> operands;  // and: is it subscripted?
  const auto add = [&](pg::Node* node, bool subscripted = false) {
    operands.emplace_back(node, subscripted);
  };
  const auto of = [&](pg::Node& node) {
    switch (node.node_case()) {
      case pg::Node::kAExpr: {
        pg::A_Expr& expr = *node.mutable_a_expr();
        if (expr.has_lexpr()) add(expr.mutable_lexpr());
        if (!expr.has_rexpr()) return;
        if (expr.rexpr().has_list()) {
          if (expr.kind() == pg::AEXPR_IN) return;
          for (pg::Node& item : *expr.mutable_rexpr()->mutable_list()->mutable_items()) add(&item);
          return;
        }
        if (expr.kind() != pg::AEXPR_OP_ANY && expr.kind() != pg::AEXPR_OP_ALL) {
          add(expr.mutable_rexpr());
        }
        return;
      }
      case pg::Node::kBoolExpr:
        for (pg::Node& argument : *node.mutable_bool_expr()->mutable_args()) add(&argument);
        return;
      case pg::Node::kNullTest:
        return add(node.mutable_null_test()->mutable_arg());
      case pg::Node::kBooleanTest:
        return add(node.mutable_boolean_test()->mutable_arg());
      case pg::Node::kTypeCast:
        return add(node.mutable_type_cast()->mutable_arg());
      case pg::Node::kCollateClause:
        return add(node.mutable_collate_clause()->mutable_arg());
      case pg::Node::kAIndirection:
        return add(node.mutable_a_indirection()->mutable_arg(), true);
      case pg::Node::kSubLink:
        if (node.sub_link().has_testexpr()) add(node.mutable_sub_link()->mutable_testexpr());
        return;
      case pg::Node::kJsonIsPredicate:
        return add(node.mutable_json_is_predicate()->mutable_expr());
      case pg::Node::kXmlExpr:
        if (node.xml_expr().op() == pg::IS_DOCUMENT) {
          for (pg::Node& argument : *node.mutable_xml_expr()->mutable_args()) add(&argument);
        }
        return;
      case pg::Node::kFuncCall:
        if (node.func_call().funcformat() == pg::COERCE_SQL_SYNTAX) {
          for (pg::Node& argument : *node.mutable_func_call()->mutable_args()) add(&argument);
        }
        return;
      default:
        return;
    }
  };
  std::vector<Message*> pending = {&root};
  std::vector<const FieldDescriptor*> fields;
  while (!pending.empty()) {
    Message& message = *pending.back();
    pending.pop_back();
    if (message.GetDescriptor() == pg::Node::descriptor()) of(static_cast<pg::Node&>(message));
    const auto* reflection = message.GetReflection();
    fields.clear();
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
      if (!field->is_repeated()) {
        pending.push_back(reflection->MutableMessage(&message, field));
        continue;
      }
      const int count = reflection->FieldSize(message, field);
      for (int i = 0; i < count; ++i) {
        pending.push_back(reflection->MutableRepeatedMessage(&message, field, i));
      }
    }
  }
  for (const auto& [node, subscripted] : operands) {
    if (is_atom(*node, subscripted)) continue;
    // On the same arena only pointers change places.
    auto* inner = Arena::CreateMessage<pg::Node>(node->GetArena());
    inner->Swap(node);
    pg::RowExpr& row = *node->mutable_row_expr();
    row.set_row_format(pg::COERCE_IMPLICIT_CAST);
    row.add_args()->Swap(inner);
  }
}

}  // namespace

void on_deep_stack(const std::function<void()>& work) {
  run_on_big_stacks(1, [&](unsigned) { work(); });
}

pg::Node& decode(const Tree& tree, Arena& arena) {
  auto& node = *Arena::CreateMessage<pg::Node>(&arena);
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(tree.node.data()),
                                                static_cast<int>(tree.node.size()));
  stream.SetRecursionLimit(static_cast<int>(kMaxNesting) * 8);
  if (!node.ParseFromCodedStream(&stream)) node.Clear();
  return node;
}

std::string sql_of(pg::Node& node) {
  if (node.node_case() == pg::Node::NODE_NOT_SET) return {};
  Arena arena;
  auto& trees = *Arena::CreateMessage<pg::ParseResult>(&arena);
  pg::Node& statement = *trees.add_stmts()->mutable_stmt();
  const Frame frame = into_statement(node, statement);
  const auto framed = [&](std::string sql) {
    if (!sql.starts_with(frame.before) || !sql.ends_with(frame.after)) return sql;
    sql.erase(sql.size() - frame.after.size());
    sql.erase(0, frame.before.size());
    while (!sql.empty() && sql.back() == ' ') sql.pop_back();
    return sql;
  };
  forget_places(statement);
  const std::string wanted = statement.SerializeAsString();
  const std::optional<std::string> plain = deparse(trees);
  if (plain && meaning(*plain) == wanted) return framed(*plain);
  parenthesize(statement);
  const std::optional<std::string> careful = deparse(trees);
  if (!careful) return plain ? framed(*plain) : std::string();
  const std::string careful_meaning = meaning(*careful);
  // Neither: what can be read at all.
  const bool better = careful_meaning == wanted || !careful_meaning.empty() || !plain;
  return framed(better ? *careful : *plain);
}

bool is_simple(const pg::Node& expression) {
  switch (expression.node_case()) {
    case pg::Node::kAConst:
    case pg::Node::kSqlvalueFunction:
    case pg::Node::kAArrayExpr:
      return true;
    case pg::Node::kFuncCall:
      return expression.func_call().funcformat() != pg::COERCE_SQL_SYNTAX;
    case pg::Node::kTypeCast: {
      const pg::Node& operand = expression.type_cast().arg();
      return operand.has_a_const() || operand.has_a_array_expr();
    }
    default:
      return false;
  }
}

}  // namespace dsqlint::catalog
