"""Which differences the fix of a rule may make: "kind attribute" of catalog.sql, as patterns.

A rule that is not here promises an equal catalog.
"""

EXPLAINS = {
    "temp_table": ["table *", "column *", "constraint *", "index *", "owner *", "rows *", "data *",
                   "sequence *", "grant *", "view *", "trigger *"],
    "unsupported_temp_view": ["view *", "column *", "owner *"],
}
