// Comments, owners and privileges.

#include <algorithm>

#include "engine/catalog/applier.h"
#include "engine/parse/function_body.h"
#include "engine/parse/names.h"
#include "engine/parse/result_name.h"
#include "engine/parse/walk.h"

namespace dsqlint::catalog {

// --- comments, owners, privileges ---------------------------------------------------------------

Remarks& Applier::remarks(ObjectId id) {
  Object& opened = catalog_.open(id);
  auto copy = opened.remarks == nullptr ? std::make_shared<Remarks>()
                                        : std::make_shared<Remarks>(*opened.remarks);
  Remarks& made = *copy;
  opened.remarks = std::move(copy);
  return made;
}

void Applier::comment(const pg::CommentStmt& comment) {
  const pg::Node& target = comment.object();
  switch (comment.objtype()) {
    case pg::OBJECT_COLUMN: {
      const std::optional<PartName> name = part_name(target);
      if (!name) return;
      const ObjectId owner = relation(name->relation, false);
      if (owner == kNoObject) return;
      if (Column* column = open_column(owner, name->part)) {
        column->comment = comment.comment();
      }
      return;
    }
    case pg::OBJECT_TABCONSTRAINT:
    case pg::OBJECT_TRIGGER:
    case pg::OBJECT_POLICY:
    case pg::OBJECT_RULE: {
      const std::optional<PartName> name = part_name(target);
      if (!name) return;
      const auto& [table, part] = *name;
      const ObjectId owner = relation(table, false);
      if (owner == kNoObject) return;
      Object& opened = catalog_.open(owner);
      if (comment.objtype() == pg::OBJECT_TABCONSTRAINT) {
        auto* known = std::get_if<Table>(&opened.what);
        if (known == nullptr) return;
        for (auto& one : known->constraints) {
          if (one->name != part) continue;
          open_part(one).comment = comment.comment();
          return;
        }
        if (known->complete) refuse_part("constraint", table, part);
        return;
      }
      const Attachment::Kind kind = attachment_kind(comment.objtype());
      auto* known = attachments(opened);
      if (known == nullptr) return;
      for (auto& one : *known) {
        if (one->kind == kind && one->name == part) open_part(one).comment = comment.comment();
      }
      return;
    }
    default:
      break;
  }
  const ObjectId id = named(comment.objtype(), target, false);
  if (id != kNoObject) remarks(id).comment = comment.comment();
}

void Applier::set_owner(const pg::AlterOwnerStmt& alter) {
  const ObjectId id = named(alter.object_type(), alter.object(), false);
  if (id != kNoObject) remarks(id).owner = role_name(alter.newowner());
}

namespace {

/// What ALL stands for.
std::vector<std::string> all_privileges(ObjectKind kind, bool of_columns) {
  if (of_columns) return {"insert", "references", "select", "update"};
  switch (kind) {
    case ObjectKind::Table:
    case ObjectKind::View:
      return {"delete", "insert", "references", "select", "trigger", "truncate", "update"};
    case ObjectKind::Sequence:
      return {"select", "update", "usage"};
    case ObjectKind::Schema:
      return {"create", "usage"};
    case ObjectKind::Function:
      return {"execute"};
    default:
      return {"usage"};
  }
}

/// The entry of that role, those columns and that option; made where there is none.
Privilege& entry(std::vector<Privilege>& all, const std::string& role,
                 const std::vector<std::string>& columns, bool option) {
  for (Privilege& one : all) {
    if (one.role == role && one.columns == columns && one.grant_option == option) return one;
  }
  return all.emplace_back(
      Privilege{.role = role, .privileges = {}, .columns = columns, .grant_option = option});
}

void add_word(std::vector<std::string>& words, const std::string& word) {
  if (word == "all") {
    words = {"all"};
  } else if (words != std::vector<std::string>{"all"}) {
    const auto at = std::lower_bound(words.begin(), words.end(), word);
    if (at == words.end() || *at != word) words.insert(at, word);
  }
}

/// Takes the word out; was it there?
bool take_word(Privilege& from, const std::string& word, ObjectKind kind) {
  if (word == "all") {
    const bool had = !from.privileges.empty();
    from.privileges.clear();
    return had;
  }
  if (from.privileges == std::vector<std::string>{"all"}) {
    from.privileges = all_privileges(kind, !from.columns.empty());
  }
  return std::erase(from.privileges, word) != 0;
}

void give(std::vector<Privilege>& all, const Privilege& given, ObjectKind kind) {
  for (const std::string& word : given.privileges) {
    if (given.grant_option) {
      take_word(entry(all, given.role, given.columns, false), word, kind);
    } else {
      const auto& has = entry(all, given.role, given.columns, true).privileges;
      if (has == std::vector<std::string>{"all"}) continue;
      if (std::find(has.begin(), has.end(), word) != has.end()) continue;
    }
    add_word(entry(all, given.role, given.columns, given.grant_option).privileges, word);
  }
}

/// `option`: only the grant option goes.
void take(std::vector<Privilege>& all, const Privilege& taken, bool option, ObjectKind kind) {
  // By columns: of those that were granted together some may stay.
  std::vector<Privilege> single;
  for (Privilege& one : all) {
    if (taken.columns.empty() || one.columns.size() < 2) {
      single.push_back(std::move(one));
      continue;
    }
    for (const std::string& column : one.columns) {
      single.push_back(one);
      single.back().columns = {column};
    }
  }
  all = std::move(single);
  for (size_t i = 0, count = all.size(); i < count; ++i) {
    if (all[i].role != taken.role || (option && !all[i].grant_option)) continue;
    // Without columns it is taken from each column, too.
    if (!taken.columns.empty() &&
        (all[i].columns.empty() || std::find(taken.columns.begin(), taken.columns.end(),
                                             all[i].columns[0]) == taken.columns.end())) {
      continue;
    }
    for (const std::string& word : taken.privileges) {
      const std::vector<std::string> had = all[i].privileges;
      if (!take_word(all[i], word, kind) || !option) continue;
      const std::vector<std::string> columns = all[i].columns;
      auto& kept = entry(all, taken.role, columns, false).privileges;
      for (const std::string& one : word == "all" ? had : std::vector{word}) add_word(kept, one);
    }
  }
}

}  // namespace

std::vector<ObjectId> Applier::granted_objects(const pg::GrantStmt& grant) {
  std::vector<ObjectId> ids;
  for (const pg::Node& target : grant.objects()) {
    if (grant.targtype() == pg::ACL_TARGET_ALL_IN_SCHEMA) {
      for (const ObjectId id : now().all()) {
        const Object& known = *object(id);
        if (known.name.schema != string_value(target)) continue;
        const bool wanted = grant.objtype() == pg::OBJECT_TABLE
                                ? known.table() != nullptr || known.view() != nullptr
                            : grant.objtype() == pg::OBJECT_SEQUENCE ? known.sequence() != nullptr
                                                                     : known.function() != nullptr;
        if (!wanted) continue;
        if (grant.objtype() == pg::OBJECT_FUNCTION || grant.objtype() == pg::OBJECT_PROCEDURE) {
          const bool procedure = known.function()->kind == Function::Kind::Procedure;
          if (procedure != (grant.objtype() == pg::OBJECT_PROCEDURE)) continue;
        }
        ids.push_back(id);
      }
      continue;
    }
    switch (grant.objtype()) {
      case pg::OBJECT_TABLE:
      case pg::OBJECT_SEQUENCE:
        ids.push_back(relation(object_name(target), false, target.range_var().location()));
        break;
      case pg::OBJECT_SCHEMA:
        ids.push_back(find(NameSpace::Schema, {"", string_value(target)}));
        break;
      case pg::OBJECT_TYPE:
      case pg::OBJECT_DOMAIN:
        ids.push_back(existing(ObjectKind::Type, object_name(target), false));
        break;
      case pg::OBJECT_FUNCTION:
      case pg::OBJECT_PROCEDURE:
      case pg::OBJECT_ROUTINE:
        if (target.has_object_with_args()) {
          ids.push_back(function_named(target.object_with_args(), false, true));
        }
        break;
      default:
        break;
    }
  }
  return ids;
}

void Applier::grant(const pg::GrantStmt& grant) {
  if (grant.targtype() == pg::ACL_TARGET_DEFAULTS) return;
  std::vector<Privilege> wanted;
  for (const pg::Node& grantee : grant.grantees()) {
    Privilege whole{.role = role_name(grantee.role_spec()),
                    .privileges = {},
                    .columns = {},
                    .grant_option = grant.grant_option()};
    if (grant.privileges_size() == 0) whole.privileges.push_back("all");
    for (const pg::Node& node : grant.privileges()) {
      const pg::AccessPriv& privilege = node.access_priv();
      const std::string word = privilege.priv_name().empty() ? "all" : privilege.priv_name();
      if (privilege.cols_size() == 0) {
        whole.privileges.push_back(word);
        continue;
      }
      Privilege part = whole;
      part.privileges = {word};
      part.columns = string_values(privilege.cols());
      wanted.push_back(std::move(part));
    }
    if (!whole.privileges.empty()) wanted.push_back(std::move(whole));
  }
  for (const ObjectId id : granted_objects(grant)) {
    if (id == kNoObject) continue;
    const ObjectKind kind = object(id)->kind();
    std::vector<Privilege>& known = remarks(id).privileges;
    for (const Privilege& one : wanted) {
      if (grant.is_grant()) {
        give(known, one, kind);
      } else {
        take(known, one, grant.grant_option(), kind);
      }
    }
    std::erase_if(known, [](const Privilege& one) { return one.privileges.empty(); });
  }
}

}  // namespace dsqlint::catalog
