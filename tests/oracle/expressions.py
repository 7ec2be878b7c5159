#!/usr/bin/env python3
"""The expression oracle: what rules/expressions/ knows of types, functions, operators and casts is
what a real server's catalog says, and expressions over them are judged as the server does.

    expressions.py --program DSQLINT [--details]
    expressions.py --write

Every function, operator and cast of the server's catalog that takes the types Aurora DSQL has is
called in an expression index, a generated column and a CREATE TABLE AS: with arguments of exactly
its types, with others that are cast to them, and with untyped literals. The server and dsqlint have
to agree on what is not immutable, and on the type of the column that is made. --write makes the
tables of rules/expressions/ from the server's catalog, which has to be PostgreSQL 15.
"""

import argparse
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # nothing is left in the source folder
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import pg_tables  # noqa: E402
from postgres import Server, fail, server_folder  # noqa: E402

TABLES = os.path.join(HERE, "..", "..", "rules", "expressions")
MADE_FROM = 15  # the version of the server
LEAST = {"index": 11500, "generated column": 11500, "CREATE TABLE AS": 10500}  # compared
MOST_UNKNOWN = 0.001  # of the types that CREATE TABLE AS derives on the server

# A column of each type that Aurora DSQL has.
COLUMNS = ["bool", "bpchar", "bytea", "date", "float4", "float8", "int2", "int4", "int8", "interval",
           "json", "jsonb", "numeric", "text", "time", "timestamp", "timestamptz", "timetz", "uuid",
           "varchar"]
# What queries make of them.
MADE = {
    "name": "c_text::name", "char": "c_text::\"char\"", "inet": "c_text::inet",
    "oid": "c_int8::oid", "regclass": "c_int8::oid::regclass", "regtype": "c_int8::oid::regtype",
    "int4range": "int4range(c_int4, c_int4)", "daterange": "daterange(c_date, c_date)",
    "tstzrange": "tstzrange(c_timestamptz, c_timestamptz)", "jsonpath": "c_text::jsonpath",
    "numrange": "numrange(c_numeric, c_numeric)", "int8range": "int8range(c_int8, c_int8)",
    "tsrange": "tsrange(c_timestamp, c_timestamp)", "record": "row(c_int4, c_text)",
    "bit": "c_int4::bit(8)", "xid": "c_text::xid", "cidr": "c_text::cidr",
}
MADE.update({"_" + name: f"array[c_{name}]" for name in COLUMNS})
LITERALS = {
    "bool": "true", "bytea": "\\\\x00", "date": "2020-01-01", "interval": "1 day", "json": "{}",
    "jsonb": "{}", "time": "10:00", "timestamp": "2020-01-01", "timestamptz": "2020-01-01",
    "timetz": "10:00", "uuid": "00000000-0000-0000-0000-000000000000",
}
# Stands for others: each is tried.
STANDS_FOR = {
    "any": ["int4", "timestamptz", "text"], "anyelement": ["int4", "timestamptz", "text"],
    "anynonarray": ["int4", "timestamptz", "date"], "anyarray": ["_int4", "_timestamptz"],
    "anycompatible": ["int4", "date"], "anycompatiblearray": ["_int8", "_timestamptz"],
    "anycompatiblenonarray": ["int4"], "anyrange": ["int4range", "tstzrange"],
}
# Is cast to it without a word.
BECOMES = {"float8": "int4", "int8": "int2", "numeric": "int4", "text": "varchar", "timestamp": "date",
           "timestamptz": "date", "interval": "time", "timetz": "time", "float4": "int2",
           "int4": "int2", "oid": "int4", "regclass": "text", "_int8": "_int4"}
SPELLED = {"bigint": "int8", "integer": "int4", "smallint": "int2", "boolean": "bool",
           "real": "float4", "double precision": "float8", "timestamp with time zone": "timestamptz",
           "timestamp without time zone": "timestamp", "time without time zone": "time",
           "time with time zone": "timetz", "character varying": "varchar", "character": "char"}
NOT_IMMUTABLE = re.compile(r"must be marked IMMUTABLE|generation expression is not immutable")
# The server asks for these after it has found the expression immutable.
LATER = re.compile(r"has no default operator class|could not determine which collation")


def argument(name):
    return f"c_{name}" if name in COLUMNS else MADE.get(name)


def literal(name):
    return f"'{LITERALS.get(name, '1')}'"


def spellings(types):
    """Lists of arguments for a call with these types."""
    first = [STANDS_FOR.get(name, [name])[0] for name in types]
    lists = []
    for i in range(max([1] + [len(STANDS_FOR.get(name, [])) for name in types])):
        chosen = [STANDS_FOR[t][min(i, len(STANDS_FOR[t]) - 1)] if t in STANDS_FOR else t
                  for t in types]
        lists.append([argument(name) for name in chosen])
    for i, name in enumerate(first):
        for other in [argument(BECOMES.get(name))] + ([literal(name)] if len(types) > 1 else []):
            if other:
                lists.append([argument(t) for t in first[:i]] + [other]
                             + [argument(t) for t in first[i + 1:]])
    return [arguments for arguments in lists if None not in arguments]


def expressions(catalog):
    """What is to be compared, and what of the catalog is not, with the reason."""
    made, left = {}, collections.Counter()

    def add(name, types, form):
        lists = spellings(types)
        if not lists:
            left["takes or is a type that no column has"] += 1
        for arguments in lists:
            made.setdefault(form(arguments), name)

    for name, kind, _, defaults, variadic, _, types in catalog.functions:
        call = '"%s"(%s)' if not re.fullmatch(r"[a-z_0-9]+", name) or name in KEYWORDS else "%s(%s)"
        if kind != "f":
            left["aggregate, window or set-returning function: CREATE TABLE AS only"] += 1
        if name in ORDERED and kind == "a":
            # One argument is what the rows are ordered by.
            add(name, types, lambda a, n=name: ("a", ordered_call(n, a)))
            continue
        if kind == "w":
            call += " over ()"
        add(name, types, lambda a, n=name, c=call: (kind, c % (n, ", ".join(a))))
        if variadic:
            spread = types[:-1] + [variadic] * 2
            add(name, spread, lambda a, n=name, c=call: (kind, c % (n, ", ".join(a))))
        for fewer in range(1, defaults + 1):
            add(name, types[:len(types) - fewer],
                lambda a, n=name, c=call: (kind, c % (n, ", ".join(a))))
    for name, _, first, second, _ in catalog.operators:
        if first:
            add(name, [first, second], lambda a, n=name: ("f", f"({a[0]} {n} {a[1]})"))
        else:
            add(name, [second], lambda a, n=name: ("f", f"({n} {a[0]})"))
    kinds = COLUMNS + [name for name in MADE if name != "record"]
    for source in kinds:
        for target in kinds:
            spelled = target[1:] + "[]" if target.startswith("_") else f'"{target}"'
            made[("f", f"({argument(source)}::{spelled})")] = f"cast to {target}"
    for one, spelled in ALL.items():
        plain = {"char(3)": "bpchar"}.get(spelled, re.split(r"[ (]", spelled)[0])
        forms = [form.format(a=f"c_{one}", l=literal(plain)) for form in SINGLE]
        forms += [form.format(a=f"c_{one}", b=f"c_{other}", l=literal(plain))
                  for form in FORMS for other in ALL]
        made.update({("f", text): "form of the grammar" for text in forms})
    return list(made), left


KEYWORDS = {"overlaps", "substring", "position", "overlay", "normalize", "char", "bit", "time",
            "timestamp", "interval", "int", "numeric", "float", "left", "right", "like", "name",
            "text", "timetz", "timestamptz", "overlay", "xmlexists", "varchar", "bpchar", "date"}
# Columns with modifiers, of which some expressions keep them.
MODIFIED = {"v7": "varchar(7)", "c3": "char(3)", "n92": "numeric(9,2)", "l3": "timestamp(3)",
            "d3": "interval day to second(3)"}
ALL = dict({name: name for name in COLUMNS}, **MODIFIED)
# Of two columns.
FORMS = [
    "coalesce({a}, {b})", "greatest({a}, {b})", "nullif({a}, {b})", "({a} is distinct from {b})",
    "case when c_bool then {a} else {b} end", "({a} in ({b}, {l}))", "({a} between {b} and {l})",
    "(array[{a}, {b}])", "({a} = any (array[{b}]))", "(({a}, c_int4) < ({b}, 1))", "({a} = {b})",
    "({a} < {b})", "({a} + {b})", "({a} - {b})", "({a} * {b})", "({a} || {b})",
    "(array[{a}] || {b})", "json_build_array({a}, {b})", "(case {a} when {b} then 1 end)",
]
# Of one.
SINGLE = [
    "coalesce({a}, {l})", "coalesce({a}, null)", "nullif({a}, {l})", "(case when c_bool then {a} end)",
    "(case when c_bool then {l} else {a} end)", "({a} in ({l}, {l}))", "({a} between {l} and {l})",
    "({a} + {l})", "({l} - {a})", "({a} || {l})", "({a} <> {l})", "({a} in ({l}))",
    "extract(epoch from {a})", "({a} at time zone 'UTC')", "substring({a} from 1 for 2)",
    "substring({a} from 'x')", "trim({a})", "trim(leading 'x' from {a})", "position('a' in {a})",
    "overlay({a} placing {a} from 1)", "({a} collate \"C\")", "({a} like 'x')", "({a} ilike 'x')",
    "({a} similar to 'x')", "({a} is null)", "(- {a})", "(~ {a})", "(@ {a})", "({a}::text::date)",
    "(array[{a}])[1]", "(array[{a}, null])[1:2]", "c_jsonb[{a}]", "date_trunc('day', {a})",
    "{a}::varchar(3)", "{a}::numeric(5,2)", "{a}::numeric", "{a}::timestamptz(3)", "row_to_json(row({a}))",
    "(row({a})::text)", "(({a}, {a}) overlaps ({a}, {a}))", "normalize({a})", "({a} is normalized)",
    "timestamptz({a})", "date({a})", "age({a})", "text({a})", "varchar({a})", "int4({a})", "concat({a})",
    "concat_ws(',', {a}, {a})", "format('%s', {a})", "num_nulls({a}, {l})", "make_interval(days => c_int4)",
    "(array[{l}]::date[] = array[{a}])", "array_to_string(array[{a}], ',')", "jsonb_build_object('a', {a})",
    "({a}, 1) = ({l}, 1)", "current_date", "current_user", "({a} = current_timestamp)", "(c_json -> 'a')",
    "(c_jsonb #>> '{{a,b}}')", "(c_jsonb - 'a')", "({a} is not distinct from {l})", "greatest({a}, {l})",
    "concat_ws(variadic array[{a}::text])", "format('%s', variadic array[{a}])", "least({a})", "array_append(array[{a}], {l})",
]


ORDERED = {"cume_dist", "dense_rank", "mode", "percent_rank", "percentile_cont", "percentile_disc", "rank"}


def ordered_call(name, arguments):
    direct = ", ".join(arguments[:-1] if name[:2] in ("pe", "mo") and name != "percent_rank" else arguments)
    return f"{name}({direct}) within group (order by {arguments[-1]})"


def statements(wanted):
    """Three for each expression, after the table."""
    columns = ", ".join(f"c_{name} {spelled}" for name, spelled in ALL.items())
    lines = [f"create table t ({columns});"]
    for i, (kind, text) in enumerate(wanted):
        lines.append(f"create index on t (({text}));" if kind == "f" else "select;")
        lines.append(f"create table g{i} ({columns_of(text)}, g text generated always as ({text})"
                     f" stored);" if kind == "f" else "select;")
        lines.append(f"create table x{i} as select {text} as r from t with no data;")
    return lines


def columns_of(text):
    names = [name for name in ALL if re.search(rf"\bc_{name}\b", text)] or ["int4"]
    return ", ".join(f"c_{name} {ALL[name]}" for name in names)


def ask_server(server, lines, count):
    """(mutable in an index, in a generated column, type, why there is none); None for an error of
    another kind."""
    errors = {}
    script = "\n".join(lines).encode()
    for line, message in server.load("scratch", script):
        if line == 0:
            fail(message)
        errors.setdefault(line, message)
    types = {row["relname"]: row["type"] for row in server.query("scratch", """
        select c.relname, format_type(a.atttypid, a.atttypmod) as type from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attnum = 1
        where c.relname ~ '^x[0-9]+$' and c.relkind = 'r'""")}
    answers = []
    for i in range(count):
        told = []
        for message in (errors.get(3 * i + 2), errors.get(3 * i + 3)):
            if message is None or LATER.search(message):
                told.append(False)
            else:
                told.append(True if NOT_IMMUTABLE.search(message) else None)
        answers.append((told[0], told[1], types.get(f"x{i}"), errors.get(3 * i + 4)))
    return answers


def ask_program(program, lines, folder, count):
    path = os.path.join(folder, "expressions.sql")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    common = ["--no-config", "--select",
              "index_not_immutable,generated_not_immutable,create_table_as"]
    done = subprocess.run([program, "check", "--format", "json"] + common + [path],
                          capture_output=True)
    found = {rule: set() for rule in ("index_not_immutable", "generated_not_immutable")}
    report = json.loads(done.stdout)
    for finding in report["files"][0]["diagnostics"]:
        if finding["rule"] in found:
            found[finding["rule"]].add(finding["line"])
    subprocess.run([program, "fix"] + common + [path], capture_output=True)
    with open(path) as file:
        types = {int(number): kind for number, kind in
                 re.findall(r"create table x(\d+) \(\s*r ([^;]*?)\s*\);", file.read())}
    return [(3 * i + 2 in found["index_not_immutable"], 3 * i + 3 in found["generated_not_immutable"],
             types.get(i)) for i in range(count)]


def canonical(spelled):
    """One spelling of a type for both sides."""
    if spelled is None:
        return None
    bare = re.sub(r"\([^)]*\)", "", spelled).strip()
    if '"' not in bare or bare.strip('"[]') != "char":
        bare = bare.replace('"', "")
    modifiers = "".join(re.findall(r"\([^)]*\)", spelled))
    array = bare.endswith("[]")
    bare = bare.removesuffix("[]")
    return SPELLED.get(bare, bare) + modifiers + ("[]" if array else "")


def can_be_column(spelled):
    bare = re.sub(r"\(.*", "", canonical(spelled))
    return (bare in COLUMNS or bare == "char") and not spelled.endswith("[]")


def check_tables(server, catalog, version):
    """The files hold the server's rows."""
    bad = 0
    for name, text in catalog.tables().items():
        with open(os.path.join(TABLES, name + ".inc")) as file:
            mine, other = set(pg_tables.rows(file.read())), set(pg_tables.rows(text))
        print(f"oracle: {name}: {len(mine)} rows, {len(mine & other)} as PostgreSQL {version} has them")
        if version == MADE_FROM:
            for row in sorted(mine ^ other):
                print(f"  {'not of the server' if row in mine else 'missing'}: {row}")
                bad += 1
        elif len(mine & other) < 0.95 * len(mine):
            bad += 1
    for extension, rows in pg_tables.EXTENSIONS.items():
        if server.psql("scratch", f'create extension "{extension}" schema pg_catalog', False).returncode:
            print(f"oracle: {extension} cannot be installed: {len(rows)} rows are not compared")
            continue
        there = {(r["name"], r["kind"], r["volatility"], r["result"], tuple(r["arguments"]))
                 for r in server.query("scratch", pg_tables.FUNCTIONS.format("'pg_catalog'"))}
        for name, kind, volatility, _, _, result, arguments in rows:
            if (name, kind, volatility, result, tuple(arguments)) not in there:
                print(f"  not of {extension}: {name}")
                bad += 1
        server.psql("scratch", f'drop extension "{extension}"')
    return bad


def compare(server, program, catalog, folder, details):
    wanted, left = expressions(catalog)
    lines = statements(wanted)
    theirs = ask_server(server, lines, len(wanted))
    mine = ask_program(program, lines, folder, len(wanted))
    compared = collections.Counter()
    unknown, wrong = [], []
    for (_, text), (index, generated, made, why), (my_index, my_generated, my_type) in zip(
            wanted, theirs, mine):
        for kind, his, my in (("index", index, my_index),
                              ("generated column", generated, my_generated)):
            if his is None:
                continue
            compared[kind] += 1
            if his != my:
                wrong.append(f"{kind}: {text}: the server finds it"
                             f" {'mutable' if his else 'immutable'}, dsqlint does not")
        if made is None:
            left["the server refuses the call: " + re.sub(r"[:(\"].*", "", why or "?")] += 1
        elif my_type is None and not can_be_column(made):
            compared["type that no column can have"] += 1
        elif my_type is None:
            unknown.append(f"{text}: {made}")
        else:
            compared["CREATE TABLE AS"] += 1
            if canonical(made) != canonical(my_type):
                wrong.append(f"CREATE TABLE AS: {text}: {made} on the server, not {my_type}")
    for kind, count in sorted(compared.items()):
        print(f"oracle: {kind}: {count} compared")
    for reason, count in left.most_common(12):
        print(f"oracle: left out: {count}: {reason}")
    print(f"oracle: {len(unknown)} types not derived, {len(wrong)} disagreements")
    for line in wrong[:None if details else 40] + (unknown if details else unknown[:10]):
        print("  " + line)
    few = [kind for kind, least in LEAST.items() if compared[kind] < least]
    for kind in few:
        print(f"oracle: only {compared[kind]} expressions compared in {kind}, of at least {LEAST[kind]}")
    share = len(unknown) / max(1, compared["CREATE TABLE AS"] + len(unknown))
    return len(wrong) + len(few) + (share > MOST_UNKNOWN)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--details", action="store_true")
    arguments = parser.parse_args()
    if server_folder() is None:
        fail("there is no PostgreSQL server here")
    folder = tempfile.mkdtemp(prefix="dsqlint-expressions-")
    os.chmod(folder, 0o755)
    server = None
    try:
        server = Server(folder, "server")
        server.psql("postgres", "create database scratch template empty")
        version = int(server.query("scratch", "select current_setting('server_version_num') v")[0]["v"]
                      ) // 10000
        catalog = pg_tables.Catalog(lambda sql: server.query("scratch", sql))
        if arguments.write:
            if version != MADE_FROM:
                fail(f"the tables are made from PostgreSQL {MADE_FROM}")
            for name, text in catalog.tables().items():
                with open(os.path.join(TABLES, name + ".inc"), "w") as file:
                    file.write(text)
            return 0
        bad = check_tables(server, catalog, version)
        bad += compare(server, os.path.abspath(arguments.program), catalog, folder, arguments.details)
        return 1 if bad else 0
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
