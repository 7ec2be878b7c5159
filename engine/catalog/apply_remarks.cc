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
  ObjectId id = kNoObject;
  switch (comment.objtype()) {
    case pg::OBJECT_TABLE:
    case pg::OBJECT_VIEW:
    case pg::OBJECT_MATVIEW:
    case pg::OBJECT_SEQUENCE:
    case pg::OBJECT_INDEX:
    case pg::OBJECT_FOREIGN_TABLE:
      id = relation(object_name(target), false);
      break;
    case pg::OBJECT_TYPE:
    case pg::OBJECT_DOMAIN:
      id = existing(ObjectKind::Type, object_name(target), false);
      break;
    case pg::OBJECT_SCHEMA:
      id = find(NameSpace::Schema, {"", string_value(target)});
      break;
    case pg::OBJECT_EXTENSION:
      id = find(NameSpace::Extension, {"", string_value(target)});
      break;
    case pg::OBJECT_STATISTIC_EXT:
      id = find(NameSpace::Statistics, object_name(target));
      break;
    case pg::OBJECT_FUNCTION:
    case pg::OBJECT_PROCEDURE:
    case pg::OBJECT_ROUTINE:
    case pg::OBJECT_AGGREGATE:
      if (target.has_object_with_args()) {
        id = function_named(target.object_with_args(), false, true);
      }
      break;
    case pg::OBJECT_COLUMN: {
      const auto& parts = target.list().items();
      const int n = parts.size();
      if (n < 2) return;
      const ObjectName table{n > 2 ? string_value(parts[n - 3]) : "", string_value(parts[n - 2])};
      const ObjectId owner = relation(table, false);
      if (owner == kNoObject) return;
      if (Column* column = open_column(owner, string_value(parts[n - 1]))) {
        column->comment = comment.comment();
      }
      return;
    }
    case pg::OBJECT_TABCONSTRAINT:
    case pg::OBJECT_TRIGGER:
    case pg::OBJECT_POLICY:
    case pg::OBJECT_RULE: {
      const auto& parts = target.list().items();
      const int n = parts.size();
      if (n < 2) return;
      const ObjectName table{n > 2 ? string_value(parts[n - 3]) : "", string_value(parts[n - 2])};
      const std::string& part = string_value(parts[n - 1]);
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
      const auto kind = comment.objtype() == pg::OBJECT_TRIGGER  ? Attachment::Kind::Trigger
                        : comment.objtype() == pg::OBJECT_POLICY ? Attachment::Kind::Policy
                                                                 : Attachment::Kind::Rule;
      auto* known = attachments(opened);
      if (known == nullptr) return;
      for (auto& one : *known) {
        if (one->kind == kind && one->name == part) open_part(one).comment = comment.comment();
      }
      return;
    }
    default:
      return;
  }
  if (id != kNoObject) remarks(id).comment = comment.comment();
}

void Applier::set_owner(const pg::AlterOwnerStmt& alter) {
  ObjectId id = kNoObject;
  const pg::Node& target = alter.object();
  switch (alter.object_type()) {
    case pg::OBJECT_SCHEMA:
      id = find(NameSpace::Schema, {"", string_value(target)});
      break;
    case pg::OBJECT_TYPE:
    case pg::OBJECT_DOMAIN:
      id = existing(ObjectKind::Type, object_name(target), false);
      break;
    case pg::OBJECT_FUNCTION:
    case pg::OBJECT_PROCEDURE:
    case pg::OBJECT_ROUTINE:
    case pg::OBJECT_AGGREGATE:
      if (target.has_object_with_args()) {
        id = function_named(target.object_with_args(), false, true);
      }
      break;
    case pg::OBJECT_STATISTIC_EXT:
      id = find(NameSpace::Statistics, object_name(target));
      break;
    default:
      return;
  }
  if (id != kNoObject) remarks(id).owner = role_name(alter.newowner());
}

void Applier::grant(const pg::GrantStmt& grant) {
  if (grant.targtype() != pg::ACL_TARGET_OBJECT) return;
  std::vector<ObjectId> ids;
  for (const pg::Node& target : grant.objects()) {
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
        return;
    }
  }
  for (const ObjectId id : ids) {
    if (id == kNoObject) continue;
    Remarks& known = remarks(id);
    for (const pg::Node& grantee : grant.grantees()) {
      const std::string role = role_name(grantee.role_spec());
      // One entry per role and list of columns.
      std::vector<Privilege> wanted;
      Privilege whole{
          .role = role, .privileges = {}, .columns = {}, .grant_option = grant.grant_option()};
      if (grant.privileges_size() == 0) whole.privileges.push_back("all");
      for (const pg::Node& node : grant.privileges()) {
        const pg::AccessPriv& privilege = node.access_priv();
        const std::string word = privilege.priv_name().empty() ? "all" : privilege.priv_name();
        if (privilege.cols_size() == 0) {
          whole.privileges.push_back(word);
        } else {
          wanted.push_back({.role = role,
                            .privileges = {word},
                            .columns = string_values(privilege.cols()),
                            .grant_option = grant.grant_option()});
        }
      }
      if (!whole.privileges.empty()) wanted.push_back(std::move(whole));
      for (Privilege& one : wanted) {
        const auto same = std::find_if(known.privileges.begin(), known.privileges.end(),
                                       [&](const Privilege& has) {
                                         return has.role == one.role && has.columns == one.columns;
                                       });
        if (grant.is_grant()) {
          if (same == known.privileges.end()) {
            known.privileges.push_back(std::move(one));
            continue;
          }
          for (std::string& word : one.privileges) same->privileges.push_back(std::move(word));
          std::sort(same->privileges.begin(), same->privileges.end());
          same->privileges.erase(std::unique(same->privileges.begin(), same->privileges.end()),
                                 same->privileges.end());
          same->grant_option |= one.grant_option;
        } else if (same != known.privileges.end()) {
          for (const std::string& word : one.privileges) {
            std::erase_if(same->privileges,
                          [&](const std::string& has) { return word == "all" || has == word; });
          }
          if (same->privileges.empty()) known.privileges.erase(same);
        }
      }
    }
  }
}

}  // namespace dsqlint::catalog
