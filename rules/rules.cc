#include "rules/rules.h"

#include <map>

#include "engine/lint/rule.h"

namespace dsqlint {

std::span<const Rule> add_column();
std::span<const Rule> add_constraint();
std::span<const Rule> alter_column();
std::span<const Rule> alter_table();
std::span<const Rule> bigint_not_accepted();
std::span<const Rule> calls();
std::span<const Rule> cluster_objects();
std::span<const Rule> column_clauses();
std::span<const Rule> column_types();
std::span<const Rule> comments();
std::span<const Rule> copy();
std::span<const Rule> create_index();
std::span<const Rule> create_table_as();
std::span<const Rule> creation_order();
std::span<const Rule> cursors();
std::span<const Rule> data_volume();
std::span<const Rule> database_connections();
std::span<const Rule> ddl_transaction();
std::span<const Rule> do_blocks();
std::span<const Rule> domains();
std::span<const Rule> enum_types();
std::span<const Rule> expressions();
std::span<const Rule> extended_statistics();
std::span<const Rule> extensions();
std::span<const Rule> fold_rules();
std::span<const Rule> foreign_data();
std::span<const Rule> foreign_key();
std::span<const Rule> function_order();
std::span<const Rule> functions();
std::span<const Rule> generated_columns();
std::span<const Rule> identifiers();
std::span<const Rule> identity();
std::span<const Rule> identity_default();
std::span<const Rule> included_files();
std::span<const Rule> index_count();
std::span<const Rule> index_keys();
std::span<const Rule> inherits();
std::span<const Rule> joins();
std::span<const Rule> keys();
std::span<const Rule> maintenance();
std::span<const Rule> materialized_view();
std::span<const Rule> merge_statement();
std::span<const Rule> newer_syntax();
std::span<const Rule> notifications();
std::span<const Rule> object_counts();
std::span<const Rule> object_existence();
std::span<const Rule> objects();
std::span<const Rule> partitions();
std::span<const Rule> policies();
std::span<const Rule> prepared();
std::span<const Rule> privileges();
std::span<const Rule> repeated_options();
std::span<const Rule> replaced_constraints();
std::span<const Rule> roles();
std::span<const Rule> row_locks();
std::span<const Rule> savepoints();
std::span<const Rule> schemas();
std::span<const Rule> sequence();
std::span<const Rule> serial_sequence_idiom();
std::span<const Rule> serial_type();
std::span<const Rule> session();
std::span<const Rule> table_clauses();
std::span<const Rule> table_constraints();
std::span<const Rule> table_limits();
std::span<const Rule> temporary_objects();
std::span<const Rule> transaction_statements();
std::span<const Rule> triggers();
std::span<const Rule> truncate();
std::span<const Rule> type_sizes();
std::span<const Rule> views();

// A table a line, so that lines added side by side merge.
// clang-format off
std::vector<std::span<const Rule>> all_rules() {
  return {
      engine_rules(),
      add_column(),
      add_constraint(),
      alter_column(),
      alter_table(),
      bigint_not_accepted(),
      calls(),
      cluster_objects(),
      column_clauses(),
      column_types(),
      comments(),
      copy(),
      create_index(),
      create_table_as(),
      creation_order(),
      cursors(),
      data_volume(),
      database_connections(),
      ddl_transaction(),
      do_blocks(),
      domains(),
      enum_types(),
      expressions(),
      extended_statistics(),
      extensions(),
      fold_rules(),
      foreign_data(),
      foreign_key(),
      function_order(),
      functions(),
      generated_columns(),
      identifiers(),
      identity(),
      identity_default(),
      included_files(),
      index_count(),
      index_keys(),
      inherits(),
      joins(),
      keys(),
      maintenance(),
      materialized_view(),
      merge_statement(),
      newer_syntax(),
      notifications(),
      object_counts(),
      object_existence(),
      objects(),
      partitions(),
      policies(),
      prepared(),
      privileges(),
      repeated_options(),
      replaced_constraints(),
      roles(),
      row_locks(),
      savepoints(),
      schemas(),
      sequence(),
      serial_sequence_idiom(),
      serial_type(),
      session(),
      table_clauses(),
      table_constraints(),
      table_limits(),
      temporary_objects(),
      transaction_statements(),
      triggers(),
      truncate(),
      type_sizes(),
      views(),
  };
}
// clang-format on

std::vector<const RuleInfo*> all_rule_infos() {
  std::map<std::string_view, const RuleInfo*> by_id;
  for (const std::span<const Rule> table : all_rules()) {
    for (const Rule& rule : table) by_id.emplace(rule.info.id, &rule.info);
  }
  std::vector<const RuleInfo*> infos;
  for (const auto& [id, info] : by_id) infos.push_back(info);
  return infos;
}

}  // namespace dsqlint
