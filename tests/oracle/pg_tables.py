"""The tables of rules/expressions/*.inc: what the catalog of a PostgreSQL server says of types,
functions, operators and casts, one row a line. A digest of the rows lets tests without a server
notice one that was edited by hand.

What is left out is named here: types that no query on Aurora DSQL can hold or that only the
server's own code hands around, and with them every function, operator and cast over one of them.
Row types of the catalog are a `record`.
"""

import base64
import hashlib
import re

TABLES = ("pg_types", "pg_functions", "pg_operators", "pg_casts")

GEOMETRIC = ("box", "circle", "line", "lseg", "path", "point", "polygon")
INTERNAL = (
    "aclitem", "cid", "cstring", "event_trigger", "fdw_handler", "gtsvector", "index_am_handler",
    "int2vector", "internal", "language_handler", "oidvector", "pg_brin_bloom_summary",
    "pg_brin_minmax_multi_summary", "pg_ddl_command", "pg_dependencies", "pg_mcv_list",
    "pg_ndistinct", "pg_node_tree", "table_am_handler", "trigger", "tsm_handler")

# PostgreSQL 16 has these, 15 does not: (name, kind, volatility, defaults, variadic, result, arguments).
NEWER = [
    ("any_value", "a", "i", 0, "", "anyelement", ["anyelement"]),
    ("array_sample", "f", "v", 0, "", "anyarray", ["anyarray", "int4"]),
    ("array_shuffle", "f", "v", 0, "", "anyarray", ["anyarray"]),
    ("date_add", "f", "s", 0, "", "timestamptz", ["timestamptz", "interval"]),
    ("date_add", "f", "i", 0, "", "timestamptz", ["timestamptz", "interval", "text"]),
    ("date_subtract", "f", "s", 0, "", "timestamptz", ["timestamptz", "interval"]),
    ("date_subtract", "f", "i", 0, "", "timestamptz", ["timestamptz", "interval", "text"]),
    ("erf", "f", "i", 0, "", "float8", ["float8"]),
    ("erfc", "f", "i", 0, "", "float8", ["float8"]),
    ("generate_series", "s", "i", 0, "", "timestamptz",
     ["timestamptz", "timestamptz", "interval", "text"]),
    ("pg_input_is_valid", "f", "s", 0, "", "bool", ["text", "text"]),
    ("random_normal", "f", "v", 2, "", "float8", ["float8", "float8"]),
]

# Of extensions: Aurora DSQL has none, but the input's statements call them.
EXTENSIONS = {
    "unaccent": [
        ("unaccent", "f", "s", 0, "", "text", ["regdictionary", "text"]),
        ("unaccent", "f", "s", 0, "", "text", ["text"]),
    ],
    "uuid-ossp": [
        ("uuid_generate_v1", "f", "v", 0, "", "uuid", []),
        ("uuid_generate_v4", "f", "v", 0, "", "uuid", []),
    ],
}

TYPES = """
select t.typname as name, t.typcategory as category, t.typispreferred as preferred,
       coalesce(e.typname, s.typname, r.typname, '') as part, i.provolatile as input,
       o.provolatile as output
from pg_type t join pg_proc i on i.oid = t.typinput join pg_proc o on o.oid = t.typoutput
left join pg_type e on e.typarray = t.oid
left join pg_range a on a.rngtypid = t.oid left join pg_type s on s.oid = a.rngsubtype
left join pg_range m on m.rngmultitypid = t.oid left join pg_type r on r.oid = m.rngtypid
where t.typnamespace = 'pg_catalog'::regnamespace and t.typtype <> 'c'
  and coalesce(e.typtype, 'b') <> 'c'"""

# A function in SQL that writes any type as text is as mutable as that type's output function: the
# server looks into it.
FUNCTIONS = """
select p.proname as name, case when p.proretset then 's' else p.prokind::text end as kind,
       case when l.lanname = 'sql' and p.provolatile = 's' and p.prosrc ~ '::pg_catalog.text'
            then 'o' else p.provolatile::text end as volatility,
       p.pronargdefaults as defaults, coalesce(v.typname, '') as variadic,
       case when r.typtype = 'c' then 'record' else r.typname end as result,
       array(select t.typname from unnest(p.proargtypes) with ordinality a (id, n)
             join pg_type t on t.oid = a.id order by a.n) as arguments
from pg_proc p join pg_language l on l.oid = p.prolang join pg_type r on r.oid = p.prorettype
left join pg_type v on v.oid = p.provariadic
where p.prokind in ('f', 'a', 'w') and p.pronamespace = {}::regnamespace"""

OPERATORS = """
select o.oprname as name,
       case when l.lanname = 'sql' and p.provolatile = 's' and p.prosrc ~ '::pg_catalog.text'
            then 'o' else p.provolatile::text end as volatility,
       coalesce(a.typname, '') as "left", b.typname as "right", r.typname as result
from pg_operator o join pg_proc p on p.oid = o.oprcode join pg_language l on l.oid = p.prolang
left join pg_type a on a.oid = o.oprleft join pg_type b on b.oid = o.oprright
join pg_type r on r.oid = o.oprresult
where o.oprnamespace = 'pg_catalog'::regnamespace"""

CASTS = """
select s.typname as source, t.typname as target, c.castcontext as context, c.castmethod as method,
       coalesce(p.provolatile, 'i') as volatility
from pg_cast c join pg_type s on s.oid = c.castsource join pg_type t on t.oid = c.casttarget
left join pg_proc p on p.oid = c.castfunc"""


def constant(name):
    """`_int4` is kInt4Array."""
    if name == "":
        return "kNone"
    array = name.startswith("_")
    words = name.strip("_").split("_")
    return "k" + "".join(word.capitalize() for word in words) + ("Array" if array else "")


class Catalog:
    """The rows of a server, as tuples: `query(sql)` gives dictionaries."""

    def __init__(self, query):
        out = set(GEOMETRIC + INTERNAL)
        out |= {"_" + name for name in out}
        self.types = sorted(
            (r["name"], r["category"], r["preferred"], r["part"], r["input"], r["output"])
            for r in query(TYPES) if r["name"] not in out)
        names = {row[0] for row in self.types}
        self.functions = sorted(
            (r["name"], r["kind"], r["volatility"], r["defaults"], r["variadic"], r["result"],
             r["arguments"])
            for r in query(FUNCTIONS.format("'pg_catalog'"))
            if r["result"] in names and names.issuperset(r["arguments"]))
        self.operators = sorted(
            (r["name"], r["volatility"], r["left"], r["right"], r["result"])
            for r in query(OPERATORS)
            if names.issuperset([r["left"] or "any", r["right"], r["result"]]))
        self.casts = sorted(
            (r["source"], r["target"], r["context"], r["method"], r["volatility"])
            for r in query(CASTS) if names.issuperset([r["source"], r["target"]]))

    def tables(self):
        """The text of each file."""
        functions = [(row, "") for row in self.functions]
        known = {(row[0], tuple(row[6])) for row in self.functions}
        functions += [(row, "  // PostgreSQL 16") for row in NEWER
                      if (row[0], tuple(row[6])) not in known]
        for extension, rows in EXTENSIONS.items():
            functions += [(row, f"  // {extension}") for row in rows]
        texts = {
            "pg_types": [
                f'TYPE({constant(name)}, "{name}", \'{category}\', {str(preferred).lower()}, '
                f"{constant(part)}, '{taken}', '{written}')"
                for name, category, preferred, part, taken, written in self.types],
            "pg_functions": [
                f'{{"{name}", \'{kind}\', \'{volatility}\', {defaults}, {constant(variadic)}, '
                f"{constant(result)}, {{{', '.join(map(constant, arguments))}}}}},{why}"
                for (name, kind, volatility, defaults, variadic, result, arguments), why
                in sorted(functions, key=lambda pair: (pair[0][0].encode(), pair[0]))],
            "pg_operators": [
                f'{{"{name}", \'{volatility}\', {constant(left)}, {constant(right)}, '
                f"{constant(result)}}},"
                for name, volatility, left, right, result in self.operators],
            "pg_casts": [
                f"{{{constant(source)}, {constant(target)}, '{context}', '{method}', "
                f"'{volatility}'}},"
                for source, target, context, method, volatility in self.casts],
        }
        return {name: file_text("\n".join(lines) + "\n") for name, lines in texts.items()}


def file_text(lines):
    digest = base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()
    return ("// Made by tests/oracle/expressions.py --write, which also tells what is left out.\n"
            f"// SHA-256 of the lines below: {digest}\n{lines}")


def rows(text):
    """The rows of a file, without the notes after them."""
    return [re.sub(r"\s*//.*", "", line) for line in text.splitlines() if not line.startswith("//")]
