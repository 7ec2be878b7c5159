"""Which differences the fix of a rule may make: "kind attribute" of catalog.sql, as patterns.

A rule that is not here promises an equal catalog. "error" means that a later statement of the file
may fail where the finding says so: on a sequence that has another name now, on rows that a key
declared from the beginning does not let in, or where a DO block asked before it acted.
"""

# What there is of a table that was temporary, and of what hangs on it.
TABLE = ["table *", "column *", "constraint *", "index *", "owner *", "rows *", "data *", "sequence *",
         "grant *", "view *", "trigger *", "rule *", "comment *"]
# A serial becomes an identity of the widest type, with a sequence of its own.
SERIAL = ["column type", "column default", "column identity", "column not null", "sequence *",
          "owner owner", "grant acl"]
WIDER = ["column type", "sequence type", "sequence minimum", "sequence maximum", "sequence cache"]
SEQUENCE = ["sequence type", "sequence minimum", "sequence maximum"]

EXPLAINS = {
    # A generated column becomes one that is filled once; not where IF NOT EXISTS finds it generated.
    "add_column_constraint": ["column not null", "column default", "column generated", "constraint *", "index *",
                              "sequence *", "rows *", "data *", "error"],
    "alter_add_primary_key_collapse": ["error", "rows *", "data *", "constraint definition"],
    "alter_add_unique_collapse": ["error", "rows *", "data *", "constraint definition"],
    "array_type": ["column *"],
    "at_unsupported_alter_column_set_storage": ["column *"],
    "at_unsupported_owner_to": ["owner *"],
    "at_unsupported_replica_identity": ["table storage"],
    "at_unsupported_set_access_method": ["table storage"],
    "at_unsupported_set_logged": ["table storage"],
    "at_unsupported_set_tablespace": ["table storage"],
    "at_unsupported_storage_parameters": ["table storage"],
    "at_unsupported_row_level_security": ["table storage"],
    "alter_column_set_compression_strip": ["column compression"],
    "at_unsupported_add_unique": ["constraint *", "index *"],
    "at_unsupported_alter_column_set_not_null": ["column not null", "constraint *"],
    # The old column stays under another name, or goes; a part of a key that the file does not show
    # cannot.
    "at_unsupported_alter_column_set_type": ["error", "column *", "constraint *", "index *", "view *",
                                             "data *"],
    "attached_partition": ["table *", "column *", "constraint *", "index *", "owner *", "grant *", "comment *",
                           "trigger *", "rows *", "data *"],
    "bigint_not_accepted": ["view *", "index *", "constraint *", "column generated"],
    "bit_type": ["column *", "constraint *"],
    "bytea_key": ["column type", "column default", "index *", "constraint *", "data *"],
    "column_compression": ["column compression"],
    "collation": ["column collation"],
    "column_options": ["column *"],
    "constraint_storage_parameters": ["constraint *", "index *"],
    "declared_length": ["column type"],
    "deferrable_constraint": ["constraint *"],
    "extension_type": ["column *", "constraint *", "index *", "data *"],
    "foreign_key": ["constraint *"],
    "geometric_type": ["column *"],
    "identity_add_generated_collapse": ["error", "sequence *", "owner *", "grant *", "column type"],
    "identity_cache": ["sequence cache"],
    # An added column has a sequence for its default instead, and a CHECK instead of NOT NULL.
    "identity_type": WIDER + ["column default", "column identity", "column not null"],
    "index_collation": ["index *"],
    "index_key_type": ["index *"],
    "index_operator_class": ["index *"],
    "index_sort_direction": ["index *"],
    "index_storage_parameters": ["index *"],
    "index_tablespace": ["index *"],
    "index_using": ["index *"],
    # LIKE copies an identity with a sequence of its own.
    "inherits": ["table *", "column *", "constraint *", "sequence *", "owner *"],
    "json_type": ["column *", "constraint *"],
    "money_type": ["column *", "constraint *"],
    "network_type": ["column *", "constraint *", "index *", "data *"],
    "numeric_without_precision": ["column type", "data *"],
    "partition_by": ["table *", "constraint *", "index *"],
    "removed_index_reference": ["index *", "comment *"],
    "replaced_constraint_reference": ["constraint *", "index *", "comment *"],
    "sequence_cache": ["sequence cache"],
    "sequence_type": SEQUENCE,
    "serial_sequence_idiom": SERIAL + ["error"],
    "serial_type": SERIAL + ["constraint definition"],
    "storage_clause": ["column *"],
    "system_type": ["column *", "constraint *", "index *"],
    "table_access_method": ["table storage"],
    "tablespace": ["table storage"],
    "temp_sequence": ["sequence *", "owner *"],
    "temp_table": TABLE,
    "text_search_type": ["column *", "index *", "comment *", "data *"],
    "too_many_indexes": ["index *", "comment *"],
    "unlogged_sequence": ["sequence *"],
    "unlogged_table": ["table storage", "index *"],
    "unsupported_alter_type": ["type *", "column *"],
    "unsupported_create_table_with_storage_parameters": ["table storage"],
    "unsupported_create_extension": ["extension *"],
    "unsupported_create_function_non_sql": ["function *"],
    # What the trigger did to rows that the file writes.
    "unsupported_create_trigger": ["trigger *", "function *", "rows *", "data *"],
    "unsupported_create_type": ["error", "type *", "column *", "constraint *", "index *", "view *"],
    "unsupported_drop_type": ["type *"],
    # Its statements stand or fall one by one, where an error undid or ended all of them.
    "unsupported_do": TABLE + ["error", "schema *", "type *"],
    "unsupported_event_trigger": ["trigger *", "function *"],
    "unsupported_language": ["function *"],
    "unsupported_materialized_view": ["view *", "index *"],
    "unsupported_on_commit": ["rows *", "data *", "table *"],
    "unsupported_partition_of": ["table *", "column *", "constraint *", "index *", "owner *", "grant *",
                                 "comment *", "trigger *", "rows *", "data *"],
    "unsupported_publication": ["publication *"],
    "unsupported_rule": ["rule *"],
    "unsupported_temp_view": ["view *", "column *", "owner *"],
    "xml_type": ["column *"],
}
