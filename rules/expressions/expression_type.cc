#include "rules/expressions/expression_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "engine/catalog/catalog.h"
#include "engine/parse/names.h"
#include "engine/parse/walk.h"
#include "rules/expressions/overloads.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

using enum PgType;

ExpressionType plain(PgType type) { return {.type = type}; }

ExpressionType from_choice(const Choice& choice) {
  return {.type = choice.result, .certain = choice.certain};
}

/// The name of a type in messages.
std::string spell(PgType type) { return spell_type(*plain(type).ref()); }

std::string signature(std::string_view name, const std::vector<PgType>& types) {
  std::string list;
  for (const PgType type : types) list += (list.empty() ? "" : ", ") + spell(type);
  return fmt::format("{}({})", name, list);
}

bool is_of_time(PgType type) { return row_of(type).category == 'D'; }

/// What a function looks at besides its arguments.
std::string_view phrase(std::string_view name, char volatility, size_t arguments) {
  if (is_one_of(name, {"age", "now", "statement_timestamp", "transaction_timestamp"})) {
    return "gives another value in every transaction";
  }
  if (is_one_of(name, {"currval", "lastval"})) return "depends on the session";
  if (arguments != 0 &&
      (name.starts_with("to_reg") || name.starts_with("pg_") || name.starts_with("has_") ||
       name.ends_with("_description") || name.starts_with("convert"))) {
    return "depends on what there is in the database, not on its arguments alone";
  }
  if (volatility == 'v') return "gives another value at every call";
  if (arguments == 0) return "depends on the session or the transaction";
  return "depends on settings, not on its arguments alone";
}

std::string cast_reason(PgType from, PgType to) {
  const auto is_either = [&](auto&& test) { return test(from) || test(to); };
  const auto what = is_either([](PgType type) { return row_of(type).name.starts_with("reg"); })
                        ? "the search path and on what there is"
                    : is_either([](PgType type) { return type == kInterval; })
                        ? "the session's interval style"
                    : is_either(is_of_time) ? "the session's time zone or date style"
                                            : "the session's settings";
  return fmt::format("the cast from `{}` to `{}` depends on {}", spell(from), spell(to), what);
}

std::string written_reason(std::string_view name, PgType type) {
  return fmt::format("`{}` writes the `{}` as text, as the session's settings have it", name,
                     spell(type));
}

/// Goes through an expression from the leaves to the root: a list of its nodes, parents first, is
/// read from its end.
class Typer {
 public:
  explicit Typer(const ExpressionNames& names) : names_(names) {}

  Expression analyze(const pg::Node& expression) {
    judge_all(unwrap(expression));
    return {of(expression), never_immutable_ ? never_immutable_ : by_types_};
  }

  std::vector<RefusedPart> refused(AstRef tree) {
    judge_all(tree);
    return std::move(refused_);
  }

 private:
  void judge_all(AstRef tree) {
    list(tree);
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
      in_query_ = entry->in_query && !names_.in_queries;
      node_ = entry->node;
      ExpressionType type = judge(entry->node);
      if (type.type != kNone || type.declared) types_[entry->node.message] = std::move(type);
    }
  }

  struct Entry {
    AstRef node;
    bool in_query;  ///< within a subquery, whose columns are not those of `names`
  };

  void list(AstRef root) {
    std::vector<Entry> pending = {{root, false}};
    std::vector<AstRef> children;
    while (!pending.empty()) {
      const Entry entry = pending.back();
      pending.pop_back();
      entries_.push_back(entry);
      children.clear();
      append_children(entry.node, children);
      const bool in_query = entry.in_query || entry.node.as<pg::SelectStmt>() != nullptr;
      for (auto child = children.rbegin(); child != children.rend(); ++child) {
        pending.push_back({*child, in_query});
      }
    }
  }

  ExpressionType of(const pg::Node& node) const {
    const auto found = types_.find(unwrap(node).message);
    return found == types_.end() ? ExpressionType() : found->second;
  }

  /// As an argument: what is not certain is not known.
  static PgType argument(const ExpressionType& type) { return type.certain ? type.type : kNone; }
  PgType argument(const pg::Node& node) const { return argument(of(node)); }

  /// The nodes are met in reverse order: the last one told is the first one written.
  void tell(int location, std::string reason) { by_types_ = {location, std::move(reason)}; }

  void cast(PgType from, PgType to, CastContext context, int location) {
    const auto coercion = find_coercion(from, to, context);
    if (coercion && coercion->volatility != 'i') tell(location, cast_reason(from, to));
  }

  void refuse(int location, std::string written, std::vector<const pg::Node*> arguments,
              std::vector<PgType> types) {
    refused_.push_back(
        {node_, location, std::move(written), std::move(arguments), std::move(types)});
  }

  ExpressionType judge(AstRef node) {
    switch (node.kind) {
      case pg::Node::kAConst:
        return constant(*node.as<pg::A_Const>());
      case pg::Node::kTypeCast:
        return type_cast(*node.as<pg::TypeCast>());
      case pg::Node::kFuncCall:
        return call(*node.as<pg::FuncCall>());
      case pg::Node::kAExpr:
        return expr(*node.as<pg::A_Expr>());
      case pg::Node::kSqlvalueFunction:
        return value_function(*node.as<pg::SQLValueFunction>());
      case pg::Node::kCoalesceExpr: {
        const auto& coalesce = *node.as<pg::CoalesceExpr>();
        return common(pointers(coalesce.args()), coalesce.location());
      }
      case pg::Node::kMinMaxExpr: {
        const auto& min_max = *node.as<pg::MinMaxExpr>();
        return common(pointers(min_max.args()), min_max.location());
      }
      case pg::Node::kCaseExpr:
        return case_expr(*node.as<pg::CaseExpr>());
      case pg::Node::kAArrayExpr: {
        const auto& array = *node.as<pg::A_ArrayExpr>();
        ExpressionType type = common(pointers(array.elements()), array.location());
        // An array of arrays is an array.
        if (!is_array(type.type)) type.type = array_of(type.type == kUnknown ? kText : type.type);
        return {.type = type.type, .modifiers = std::move(type.modifiers)};
      }
      case pg::Node::kAIndirection:
        return indirection(*node.as<pg::A_Indirection>());
      case pg::Node::kCollateClause: {
        const ExpressionType type = of(node.as<pg::CollateClause>()->arg());
        return type.type == kUnknown ? plain(kText) : type;
      }
      case pg::Node::kNamedArgExpr:
        return of(node.as<pg::NamedArgExpr>()->arg());
      case pg::Node::kBoolExpr:
      case pg::Node::kNullTest:
      case pg::Node::kBooleanTest:
      case pg::Node::kJsonIsPredicate:
        return plain(kBool);
      case pg::Node::kGroupingFunc:
        return plain(kInt4);
      case pg::Node::kRowExpr:
        return plain(kRecord);
      case pg::Node::kSubLink: {
        const auto kind = node.as<pg::SubLink>()->sub_link_type();
        const bool tests =
            kind == pg::EXISTS_SUBLINK || kind == pg::ANY_SUBLINK || kind == pg::ALL_SUBLINK;
        return plain(tests ? kBool : kNone);
      }
      case pg::Node::kXmlExpr:
        return plain(node.as<pg::XmlExpr>()->op() == pg::IS_DOCUMENT ? kBool : kXml);
      case pg::Node::kXmlSerialize:
        return declared_type(type_ref(node.as<pg::XmlSerialize>()->type_name()), names_.schema);
      case pg::Node::kJsonObjectConstructor: {
        const auto& object = *node.as<pg::JsonObjectConstructor>();
        for (const pg::Node& member : object.exprs()) {
          const pg::JsonKeyValue& pair = member.json_key_value();
          write("json_object", pair.key(), object.location());
          write("json_object", pair.value().raw_expr(), object.location());
        }
        return json(object.output());
      }
      case pg::Node::kJsonArrayConstructor: {
        const auto& array = *node.as<pg::JsonArrayConstructor>();
        for (const pg::Node& member : array.exprs()) {
          write("json_array", member.json_value_expr().raw_expr(), array.location());
        }
        return json(array.output());
      }
      case pg::Node::kJsonObjectAgg:
        return json(node.as<pg::JsonObjectAgg>()->constructor().output());
      case pg::Node::kJsonArrayAgg:
        return json(node.as<pg::JsonArrayAgg>()->constructor().output());
      default:
        return name(node);
    }
  }

  ExpressionType name(AstRef node) const {
    const bool is_name =
        (node.as<pg::ColumnRef>() != nullptr && !in_query_) || node.as<pg::ParamRef>() != nullptr;
    const auto ref = is_name ? names_.type_of(node) : std::nullopt;
    return ref ? declared_type(*ref, names_.schema) : ExpressionType();
  }

  static ExpressionType constant(const pg::A_Const& constant) {
    if (constant.has_ival()) return plain(kInt4);
    if (constant.has_boolval()) return plain(kBool);
    if (constant.has_bsval()) return plain(kBit);
    if (!constant.has_fval()) return plain(kUnknown);
    pg::Node number;
    number.mutable_float_()->set_fval(constant.fval().fval());
    return plain(integer_value(number) ? kInt8 : kNumeric);
  }

  ExpressionType type_cast(const pg::TypeCast& node) {
    ExpressionType to = declared_type(type_ref(node.type_name()), names_.schema);
    if (to.type == kNone) return to;
    if (node.arg().has_a_array_expr() && is_array(to.type)) {
      // The elements are cast, before they have a common type.
      for (const pg::Node& element : node.arg().a_array_expr().elements()) {
        const PgType from = argument(element);
        const PgType part = is_array(from) ? to.type : row_of(to.type).part;
        cast(from, part, CastContext::Explicit, node.location());
      }
      return to;
    }
    const PgType from = argument(node.arg());
    cast(from, to.type, CastContext::Explicit, node.location());
    if (from != kNone && !to.declared && !find_coercion(from, to.type, CastContext::Explicit)) {
      refuse(node.location(), fmt::format("{}::{}", spell(from), spell(to.type)), {&node.arg()},
             {from});
    }
    return to;
  }

  ExpressionType value_function(const pg::SQLValueFunction& value) {
    never_immutable_ = {value.location(), "it depends on the session or the transaction"};
    ExpressionType type;
    switch (value.op()) {
      case pg::SVFOP_CURRENT_DATE:
        return plain(kDate);
      case pg::SVFOP_CURRENT_TIME:
      case pg::SVFOP_CURRENT_TIME_N:
        type.type = kTimetz;
        break;
      case pg::SVFOP_CURRENT_TIMESTAMP:
      case pg::SVFOP_CURRENT_TIMESTAMP_N:
        type.type = kTimestamptz;
        break;
      case pg::SVFOP_LOCALTIME:
      case pg::SVFOP_LOCALTIME_N:
        type.type = kTime;
        break;
      case pg::SVFOP_LOCALTIMESTAMP:
      case pg::SVFOP_LOCALTIMESTAMP_N:
        type.type = kTimestamp;
        break;
      default:
        return plain(kName);
    }
    const bool limited =
        value.op() == pg::SVFOP_CURRENT_TIME_N || value.op() == pg::SVFOP_CURRENT_TIMESTAMP_N ||
        value.op() == pg::SVFOP_LOCALTIME_N || value.op() == pg::SVFOP_LOCALTIMESTAMP_N;
    if (limited) type.modifiers = {value.typmod()};
    return type;
  }

  static std::vector<const pg::Node*> pointers(
      const google::protobuf::RepeatedPtrField<pg::Node>& nodes) {
    std::vector<const pg::Node*> result;
    for (const pg::Node& node : nodes) result.push_back(&node);
    return result;
  }

  /// The one type of several values, which are cast to it.
  ExpressionType common(const std::vector<const pg::Node*>& nodes, int location) {
    std::vector<ExpressionType> types;
    for (const pg::Node* node : nodes) types.push_back(of(*node));
    ExpressionType result = common_type(types);
    for (auto type = types.rbegin(); type != types.rend(); ++type) {
      if (result.type != kNone) cast(type->type, result.type, CastContext::Implicit, location);
    }
    return result;
  }

  ExpressionType case_expr(const pg::CaseExpr& node) {
    std::vector<const pg::Node*> results;
    if (node.has_defresult()) results.push_back(&node.defresult());
    for (const pg::Node& when : node.args()) {
      if (node.has_arg()) {
        operate("=", argument(node.arg()), argument(when.case_when().expr()), node.location());
      }
      results.push_back(&when.case_when().result());
    }
    ExpressionType result = common(results, node.location());
    if (!node.has_defresult()) result.modifiers.clear();  // there is a NULL among them
    return result;
  }

  ExpressionType indirection(const pg::A_Indirection& node) const {
    const ExpressionType type = of(node.arg());
    bool slice = false;
    for (const pg::Node& step : node.indirection()) {
      if (!step.has_a_indices()) return {};  // a field
      slice |= step.a_indices().is_slice();
    }
    if (type.type == kJsonb && !slice) return plain(kJsonb);
    if (!is_array(type.type)) return {};
    ExpressionType part = plain(slice ? type.type : row_of(type.type).part);
    part.modifiers = type.modifiers;
    return part;
  }

  ExpressionType json(const pg::JsonOutput& output) const {
    return output.has_type_name() ? declared_type(type_ref(output.type_name()), names_.schema)
                                  : plain(kJson);
  }

  void write(std::string_view name, const pg::Node& value, int location) {
    const PgType type = argument(value);
    if (row_of(type).output != 'i') tell(location, written_reason(name, type));
  }

  // --- operators ---

  Choice operate(std::string_view name, std::optional<PgType> left, PgType right, int location) {
    const Choice choice = choose_operator(name, left, right);
    if (choice.refused) refuse_operator(name, left, right, location);
    if (choice.volatility == 'i') return choice;
    if (choice.written != kNone) {
      tell(location, written_reason(name, choice.written));
    } else {
      std::string operands;
      if (left && *left != kNone && *left != kUnknown) operands = fmt::format("`{}`", spell(*left));
      if (right != kNone && right != kUnknown) {
        operands += fmt::format("{}`{}`", operands.empty() ? "" : " and ", spell(right));
      }
      const bool zone = (left && is_of_time(*left)) || is_of_time(right);
      tell(location,
           fmt::format("`{}`{}{} depends on the session's {}", name, operands.empty() ? "" : " of ",
                       operands, zone ? "time zone" : "settings"));
    }
    return choice;
  }

  /// Only of an A_Expr whose operands are these.
  void refuse_operator(std::string_view name, std::optional<PgType> left, PgType right,
                       int location) {
    const auto* node = node_.as<pg::A_Expr>();
    if (node == nullptr || node->kind() != pg::AEXPR_OP || right == kNone || left == kNone) return;
    if (node->lexpr().has_row_expr() || node->rexpr().has_row_expr()) return;
    if (!left) {
      return refuse(location, fmt::format("{} {}", name, spell(right)), {&node->rexpr()}, {right});
    }
    refuse(location, fmt::format("{} {} {}", spell(*left), name, spell(right)),
           {&node->lexpr(), &node->rexpr()}, {*left, right});
  }

  /// A comparison, of rows member by member.
  Choice compare(std::string_view name, const pg::Node& left, const pg::Node& right, int location) {
    if (!left.has_row_expr() || !right.has_row_expr()) {
      return operate(name, argument(left), argument(right), location);
    }
    const auto& mine = left.row_expr().args();
    const auto& other = right.row_expr().args();
    for (int i = 0; i < std::min(mine.size(), other.size()); ++i) {
      operate(name, argument(mine[i]), argument(other[i]), location);
    }
    return {.known = true, .result = kBool};
  }

  ExpressionType expr(const pg::A_Expr& node) {
    const std::string_view name = builtin_name(node.name());
    switch (node.kind()) {
      case pg::AEXPR_OP_ANY:
      case pg::AEXPR_OP_ALL: {
        const PgType array = argument(node.rexpr());
        operate(name, argument(node.lexpr()), is_array(array) ? row_of(array).part : array,
                node.location());
        return plain(kBool);
      }
      case pg::AEXPR_IN:
        in_list(name, node);
        return plain(kBool);
      case pg::AEXPR_BETWEEN:
      case pg::AEXPR_NOT_BETWEEN:
      case pg::AEXPR_BETWEEN_SYM:
      case pg::AEXPR_NOT_BETWEEN_SYM:
        for (const pg::Node& bound : node.rexpr().list().items()) {
          compare("<=", node.lexpr(), bound, node.location());
        }
        return plain(kBool);
      case pg::AEXPR_DISTINCT:
      case pg::AEXPR_NOT_DISTINCT:
        compare("=", node.lexpr(), node.rexpr(), node.location());
        return plain(kBool);
      case pg::AEXPR_NULLIF:
        return null_if(node);
      case pg::AEXPR_OP:
        break;
      default:
        if (node.has_lexpr()) compare(name, node.lexpr(), node.rexpr(), node.location());
        return plain(kBool);
    }
    if (name.empty()) return {};
    if (!node.has_lexpr()) {
      return from_choice(operate(name, std::nullopt, argument(node.rexpr()), node.location()));
    }
    return from_choice(compare(name, node.lexpr(), node.rexpr(), node.location()));
  }

  /// The members are cast to what they have in common with the left side, where there is such a
  /// type, and compared one by one otherwise.
  void in_list(std::string_view name, const pg::A_Expr& node) {
    const auto& members = node.rexpr().list().items();
    std::vector<PgType> types = {argument(node.lexpr())};
    for (const pg::Node& member : members) types.push_back(argument(member));
    const PgType common = dsqlint::common_type(types);
    if (common == kNone || common == kUnknown || common == kRecord || members.size() < 2) {
      for (const pg::Node& member : members) {
        compare(name, node.lexpr(), member, node.location());
      }
      return;
    }
    for (const pg::Node& member : members) {
      cast(argument(member), common, CastContext::Implicit, node.location());
    }
    operate(name, types[0], common, node.location());
  }

  /// NULLIF gives its first operand, cast as the comparison has it.
  ExpressionType null_if(const pg::A_Expr& node) {
    ExpressionType left = of(node.lexpr());
    const Choice choice = operate("=", argument(left), argument(node.rexpr()), node.location());
    if (choice.first == kNone || (choice.first == left.type && !left.declared)) return left;
    return plain(choice.first);
  }

  // --- functions ---

  ExpressionType call(const pg::FuncCall& node) {
    const ObjectName written = object_name(node.funcname());
    const std::string_view name = builtin_name(node.funcname());
    const bool named_so = !name.empty() && !functions_named(name).empty();
    if (const Function* first = names_.schema.find_function(written)) {
      // One of PostgreSQL's own may be meant.
      return named_so ? ExpressionType() : own_call(node, written, *first);
    }
    if (name.empty()) return {};
    std::vector<PgType> types;
    bool named = false;
    for (const pg::Node& value : node.args()) {
      named |= value.has_named_arg_expr();
      types.push_back(argument(value));
    }
    if (node.agg_within_group()) {
      for (const pg::Node& order : node.agg_order()) {
        types.push_back(argument(order.sort_by().node()));
      }
    }
    const Choice choice = choose_function(name, types, node.func_variadic(), named);
    if (choice.refused && !named && !node.func_variadic() && !node.agg_within_group() &&
        std::find(types.begin(), types.end(), kNone) == types.end()) {
      refuse(node.location(), signature(name, types), pointers(node.args()), types);
    }
    if (choice.every_form) {
      const std::span<const PgFunctionRow> rows = functions_named(name);
      never_immutable_ = {
          node.location(),
          fmt::format("`{}` {}", name, phrase(name, rows[0].volatility, types.size()))};
    } else if (choice.volatility != 'i') {
      tell(node.location(), call_reason(name, types, choice));
    }
    return from_choice(choice);
  }

  static std::string call_reason(std::string_view name, const std::vector<PgType>& types,
                                 const Choice& choice) {
    if (choice.written != kNone) return written_reason(name, choice.written);
    if (types.size() == 1 && find_pg_type(name) != kNone) {
      return cast_reason(types[0], find_pg_type(name));
    }
    const auto zoned = std::find(types.begin(), types.end(), kTimestamptz);
    const auto time =
        zoned != types.end() ? zoned : std::find_if(types.begin(), types.end(), is_of_time);
    if (time == types.end()) {
      return fmt::format("`{}` {}", name, phrase(name, choice.volatility, types.size()));
    }
    return fmt::format("`{}` of a {} depends on the session's time zone", name, spell(*time));
  }

  /// A function that the input creates. Which one of several of that name is meant, or which has
  /// replaced which, is not known: all have to be alike.
  ExpressionType own_call(const pg::FuncCall& node, const ObjectName& name, const Function& first) {
    bool is_mutable = true;
    names_.schema.each_function(name.name, [&](const Function& other) {
      is_mutable = is_mutable && other.volatility != Volatility::Immutable;
    });
    const Function& latest = *names_.schema.latest_function(name);
    refuse_own(node, name);
    if (is_mutable) {
      const std::string spelled = to_sql(name);
      never_immutable_ = {
          node.location(),
          fmt::format("`{}` is {}", spelled,
                      latest.volatility == Volatility::Stable
                          ? "STABLE"
                          : "VOLATILE, as functions are by default"),
          fmt::format("declare `{}` IMMUTABLE, if it depends on nothing but its arguments",
                      spelled)};
    }
    if (!(first.result == latest.result)) return {};
    ExpressionType result = declared_type(first.result, names_.schema);
    result.modifiers.clear();
    return result;
  }

  /// Does none of the functions of that name take such arguments?
  void refuse_own(const pg::FuncCall& node, const ObjectName& name) {
    std::vector<PgType> types;
    for (const pg::Node& value : node.args()) {
      types.push_back(value.has_named_arg_expr() ? kNone : argument(value));
    }
    if (std::find(types.begin(), types.end(), kNone) != types.end() || node.func_variadic()) return;
    const catalog::State now = names_.schema.catalog().now();
    bool refused = false;
    for (const catalog::ObjectId id : now.all_named(catalog::NameSpace::Function, name.name)) {
      const catalog::Object& object = *now.get(id);
      if (!name.schema.empty() && object.name.schema != name.schema) continue;
      const catalog::Function* function = object.function();
      if (function == nullptr || function->kind == catalog::Function::Kind::Aggregate) return;
      std::vector<PgType> taken;
      size_t needed = 0;
      for (const catalog::Argument& one : function->arguments) {
        if (one.mode == 'v') return;
        if (one.mode != 'i' && one.mode != 'b') continue;
        const ExpressionType type = declared_type(one.type.ref, names_.schema);
        taken.push_back(type.declared ? kNone : type.type);
        if (!one.default_value) needed = taken.size();
      }
      if (types.size() < needed || types.size() > taken.size()) continue;
      for (size_t i = 0; i < types.size(); ++i) {
        if (taken[i] == kNone) return;
      }
      const bool fits =
          std::equal(types.begin(), types.end(), taken.begin(), [](PgType a, PgType b) {
            return find_coercion(a, b, CastContext::Implicit).has_value();
          });
      if (fits) return;
      refused = true;
    }
    if (!refused) return;
    refuse(node.location(), signature(to_sql(name), types), pointers(node.args()), types);
  }

  const ExpressionNames& names_;
  std::vector<Entry> entries_;
  std::unordered_map<const google::protobuf::Message*, ExpressionType> types_;
  std::optional<MutablePart> never_immutable_;
  std::optional<MutablePart> by_types_;
  std::vector<RefusedPart> refused_;
  AstRef node_ = {};  ///< that is being judged
  bool in_query_ = false;
};

}  // namespace

ExpressionType declared_type(const TypeRef& ref, const Schema& schema) {
  const ResolvedType resolved = resolve_type(ref, schema);
  ExpressionType type;
  if (resolved.known != nullptr && resolved.known->family == TypeFamily::Serial) {
    type.type = kInt8;  // on Aurora DSQL
    return type;
  }
  if (resolved.known != nullptr && resolved.known->family != TypeFamily::Extension) {
    const std::string& name = resolved.type.name;
    type.type = find_pg_type(resolved.type.array ? "_" + name : name);
  }
  if (type.type == kNone || resolved.domain != nullptr) {
    type.declared = ref;
  } else {
    type.modifiers = ref.modifiers;
  }
  return type;
}

std::optional<TypeRef> ExpressionType::ref() const {
  if (declared) return declared;
  if (type == kNone) return std::nullopt;
  const std::string_view name = row_of(type == kUnknown ? kText : type).name;
  const bool array = is_array(type);
  return TypeRef{.schema = {},
                 .name = std::string(array ? name.substr(1) : name),
                 .modifiers = modifiers,
                 .array = array};
}

ExpressionNames table_names(const Table* table, const Schema& schema) {
  return {schema, [table](AstRef name) -> std::optional<TypeRef> {
            const auto* ref = name.as<pg::ColumnRef>();
            if (table == nullptr || ref == nullptr) return std::nullopt;
            const auto& fields = ref->fields();
            const Column* column =
                fields.empty() ? nullptr : table->column(string_value(fields[fields.size() - 1]));
            return column == nullptr ? std::nullopt : std::optional(column->type);
          }};
}

Expression analyze_expression(const pg::Node& expression, const ExpressionNames& names) {
  return Typer(names).analyze(expression);
}

std::vector<RefusedPart> refused_parts(AstRef tree, const ExpressionNames& names) {
  return Typer(names).refused(tree);
}

ExpressionType common_type(std::span<const ExpressionType> types) {
  if (types.empty()) return {};
  const auto is_first = [&](const ExpressionType& type) {
    return type.type == types[0].type && type.declared == types[0].declared;
  };
  ExpressionType common = types[0];
  common.certain = std::all_of(types.begin(), types.end(),
                               [](const ExpressionType& type) { return type.certain; });
  const bool same_modifiers =
      std::all_of(types.begin(), types.end(),
                  [&](const ExpressionType& type) { return type.modifiers == types[0].modifiers; });
  if (std::all_of(types.begin(), types.end(), is_first)) {
    if (!same_modifiers) common.modifiers.clear();
    return common;
  }
  // One of the input's types beside literals.
  const ExpressionType* own = nullptr;
  for (const ExpressionType& type : types) {
    if (type.type != kNone) continue;
    if (!type.declared || (own != nullptr && own->declared != type.declared)) return {};
    own = &type;
  }
  if (own != nullptr) {
    const bool alone = std::all_of(types.begin(), types.end(), [](const ExpressionType& type) {
      return type.type == kNone || type.type == kUnknown;
    });
    return alone ? *own : ExpressionType();
  }
  std::vector<PgType> plain_types;
  for (const ExpressionType& type : types) plain_types.push_back(type.type);
  return {.type = common_type(std::span<const PgType>(plain_types)), .certain = common.certain};
}

}  // namespace dsqlint
