#!/usr/bin/env python3
"""The catalog oracle: what `dsqlint catalog` prints of a text makes on an empty database
what the text itself makes, object by object.

    catalog.py --program DSQLINT --tool FIXER [--printer COMMAND] [--only PATTERN] [--top COUNT]
               [--details] [--alone FOLDER]… [--corpus FOLDER] [FOLDER|FILE]…
    catalog.py --self-test

FIXER is dsqlint_fixed_for_postgres: it maps DSQL's own syntax to PostgreSQL's and knows where
statements end. Files of --alone folders are fixtures: what they presuppose is made first, as in
postgres.py, by a file that stands before them in their history. Files of the other folders, and of
the --corpus, build on the earlier ones that ran; a corpus takes as long as all the rest, so that the
suite goes without.
Statements that fail on the server are left out: what is left is the text.

A difference has a kind of object and a property: a column's type, an index that is missing or too
many, a name that the server chooses otherwise. Of what is missing with its table nothing is said.
Errors of the printed text, and statements that the catalog refuses though the server runs them, are
differences as well. EXPLAINED says which differences are none of the catalog's; each entry must be
of use. floors.txt holds how much has to be equal: a text that is not is named, and fails nothing until
it was equal before.

`--printer` puts another command in the place of `dsqlint catalog`: {files} are the text's files,
{database} is a database that holds what they make. With 'pg_dump --schema-only {database}' all is
equal but for what pg_dump does not tell. `--self-test` holds the oracle against its own promise: what
pg_dump tells of catalog_sample.sql is equal, and what is spoiled in it is noticed.
"""

import argparse
import collections
import dataclasses
import fnmatch
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import postgres  # noqa: E402  (servers, what runs, and what has to be made before are as there)
from postgres import COMMAND, OUTSIDE, Stage, Text, fail, make_roles  # noqa: E402

# What statements cannot hold: comments, bodies and strings, in the way of the patterns below.
INERT = re.compile(rb"--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|'(?:[^'\\]|''|\\.)*'", re.S)
# What ends or is undone with a transaction of ours.
TRANSACTIONS = re.compile(
    rb"(?:^|;)\s*(?:begin|start|commit|rollback|abort|end|savepoint|release|prepare\s+transaction"
    rb"|set\s+(?:local|transaction|session\s+char|constraints))\b", re.I)
# Roles belong to the whole server, and have to be there until the printed text has run.
ROLES = re.compile(rb"\b(create|drop|alter)\s+(role|user|group)\b", re.I)
# pg_dump's guard against what a server could smuggle into its output.
GUARD = re.compile(r"^\\(un)?restrict .*$", re.M)

PRIVILEGES = """
set allow_system_table_mods = on;
create function pg_catalog.oracle_privileges(acl aclitem[], kind "char", owner oid) returns text
language sql stable as $$
  select string_agg(told, '; ' order by told)
  from (select case grantee when 0 then 'public' else pg_get_userbyid(grantee) end || ': '
               || string_agg(privilege_type || case when is_grantable then '*' else '' end, ', '
                             order by privilege_type) as told
        from aclexplode(coalesce(acl, acldefault(kind, owner))) group by grantee) of_role
$$;"""


@dataclasses.dataclass
class Explained:
    """Differences that are none of the catalog's. All but the reason are patterns."""
    kind: str
    property: str
    reason: str
    object: str = "*"
    text: str = "*"
    corpus: bool = False  # only texts of the corpus have it
    used: bool = False


BEYOND = "the catalog has no place for it"
EXPLAINED = [
    Explained(kind, "missing", BEYOND)
    for kind in ("cast", "collation", "conversion", "default privileges", "operator", "operator class",
                 "operator family", "text search *")
] + [Explained(kind, "missing", BEYOND, corpus=True) for kind in ("event trigger", "publication")]


@dataclasses.dataclass(frozen=True)
class Difference:
    kind: str
    property: str
    object: str
    wanted: str = ""
    printed: str = ""

    def told(self):
        sides = "" if self.wanted == self.printed else f": {self.wanted!r} → {self.printed!r}"
        return f"{self.kind} {self.object}, {self.property}{sides}"


class Outcome:
    def __init__(self, label, chained):
        self.label, self.chained = label, chained
        self.ran = ""  # "ran", "part ran" or why not
        self.size = self.objects = 0
        self.compared = False
        self.differences = []


# --- comparing ----------------------------------------------------------------------------------


def objects_of(rows):
    """(kind, object) → (parent, {property: value})."""
    found = {}
    for row in rows:
        parent, properties = found.setdefault((row["kind"], row["object"]), (row["parent"], {}))
        properties[row["property"]] = row["value"]
    return found


def renamed(wanted, printed, missing, extra):
    """Pairs of those that are the same but for their name, of the same kind and parent."""
    def likeness(found, key):
        parent, properties = found[key]
        name = key[1]
        bare = name.rpartition(".")[2]
        return (key[0], parent, tuple(sorted(
            (property, value.replace(name, "?").replace(bare, "?"))
            for property, value in properties.items() if property not in ("comment", "index"))))

    # Most objects of a database are like many others: only these depend on a name that the server chose.
    kinds = ("constraint", "index", "sequence", "statistics", "trigger")
    left = collections.defaultdict(list)
    for key in extra:
        if key[0] in kinds:
            left[likeness(printed, key)].append(key)
    pairs = {}
    for key in missing:
        if key[0] in kinds and left[likeness(wanted, key)]:
            pairs[key] = left[likeness(wanted, key)].pop(0)
    return pairs


def compare(wanted, printed):
    differences = []
    missing = sorted(set(wanted) - set(printed))
    extra = sorted(set(printed) - set(wanted))
    pairs = renamed(wanted, printed, missing, extra)
    for key, other in pairs.items():
        differences.append(Difference(key[0], "name", key[1], key[1], other[1]))
    # An index goes with the constraint that has it, a column with its table.
    gone = {" ".join(key) for key in missing}
    new = {" ".join(key) for key in extra}
    paired = set(pairs.values())
    differences += [Difference(key[0], "missing", key[1]) for key in missing
                    if key not in pairs and wanted[key][0] not in gone]
    differences += [Difference(key[0], "too many", key[1]) for key in extra
                    if key not in paired and printed[key][0] not in new]
    for key in sorted(set(wanted) & set(printed)):
        (_, was), (_, is_now) = wanted[key], printed[key]
        for property in sorted(set(was) | set(is_now)):
            left, right = was.get(property, ""), is_now.get(property, "")
            if left == right:
                continue
            if property == "columns" and sorted(left.split(", ")) != sorted(right.split(", ")):
                continue  # columns that are missing or too many are differences themselves
            differences.append(Difference(key[0], property, key[1], left, right))
    return differences


def error_difference(message):
    """An error of the printed text, named by what is the same in all errors of its kind."""
    return Difference("printed text", re.sub(r'"[^"]*"', '"…"', message), message)


# --- one text -----------------------------------------------------------------------------------


def snapshot(server, database, setting="set"):
    """The objects of a database. Planning takes as long as running: it is done once a session."""
    with open(os.path.join(HERE, "catalog_objects.sql"), encoding="utf-8") as file:
        sql = file.read()
    told = server.ask(database, f"""{setting} search_path to pg_catalog;
select not exists (select from pg_prepared_statements where name = 'objects') as unprepared \\gset
\\if :unprepared
prepare objects as select coalesce(json_agg(q), '[]') from (
select * from ({sql}) c (kind, object, parent, property, value) where value is not null) q;
\\endif
execute objects;""")
    return objects_of(json.loads(told))


# As DISCARD ALL, but for the statement that `snapshot` prepares.
DISCARD = """
select 'deallocate ' || quote_ident(name) from pg_prepared_statements where name <> 'objects' \\gexec
close all; unlisten *; reset all; discard sequences; discard temp; select from pg_advisory_unlock_all();"""


def in_scratch(server, script, text, look):
    """Runs a text in a transaction that is rolled back; the errors, and the objects if there are none
    or `look` says "anyway"."""
    # What was rolled back stays in the catalog's tables and makes reading them slow.
    if server.attempts % 24 == 0:
        server.ask("postgres", "drop database if exists scratch with (force);")
        server.ask("postgres", "create database scratch template empty;")
    server.attempts += 1
    path = os.path.join(server.scratch, "file.sql")
    with open(path, "wb") as file:
        file.write(text)
    try:
        server.ask("scratch", f"begin;\n{script}\n\\set ON_ERROR_ROLLBACK on")
        told = server.session.run(
            "scratch", f"\\i {path}\nreset role; reset session authorization; reset all;"
            "\nset constraints all immediate;")[1]
        errors = postgres.errors_in(told)
        found = None
        if look == "anyway" or look and not errors:
            server.ask("scratch", "\\set ON_ERROR_ROLLBACK off")
            found = snapshot(server, "scratch", "set local")
    finally:
        server.ask("scratch", "\\set ON_ERROR_ROLLBACK off\nrollback;" + DISCARD)
    return errors, found


def needs_database(text):
    """Must it not run in a transaction that is rolled back?"""
    text = INERT.sub(b" ", text)
    return TRANSACTIONS.search(text) or COMMAND.search(text) or ROLES.search(text)


def print_catalog(server, options, files, database):
    """What the printer says of the files; (SQL, differences)."""
    command = []
    for word in options.printer:
        command += files if word == "{files}" else [word.replace("{database}", database or "")]
    done = subprocess.run(command, capture_output=True, env={**os.environ, **server.environment},
                          cwd=server.scratch)
    told = done.stderr.decode(errors="replace")
    if done.returncode != 0:
        return "", [Difference("printer", f"fails with {done.returncode}", told.strip()[:300])]
    refused = []
    for line in told.splitlines():
        # FILE:LINE: what is refused: it is the same for many files.
        what = re.sub(r"^\S*?:\d+(:\d+)?: ", "", line)
        refused.append(Difference("printer", "says " + re.sub(r"`[^`]*`", "`…`", what), line))
    return GUARD.sub("", done.stdout.decode(errors="replace")), refused


def judge(server, options, outcome, files, wanted, database):
    """Runs what is printed on an empty database and compares."""
    printed, differences = print_catalog(server, options, files, database)
    if needs_database(printed.encode()):
        made = server.create()
        errors, found = server.load(made, printed.encode()), snapshot(server, made)
        server.drop(made)
    else:
        errors, found = in_scratch(server, "", printed.encode(), "anyway")
    outcome.differences = differences + [error_difference(message) for _, message in errors]
    outcome.differences += compare(wanted, found)
    outcome.objects = len(wanted)
    outcome.compared = True


def write_history(server, texts):
    """Files in the order of the texts, for the printer."""
    folder = os.path.join(server.folder, "history")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    paths = []
    for number, (name, text) in enumerate(texts):
        paths.append(os.path.join(folder, f"{number:04}_{name}"))
        with open(paths[-1], "wb") as file:
            file.write(text)
    return paths


def read(path):
    with open(path, "rb") as file:
        return file.read()


def without_failing(server, options, path, text, errors):
    """The file without the statements that fail, and its text; nothing when that is no help."""
    # After an error in a transaction the others say that it is aborted, and may run without it.
    lines = {line for line, message in errors if line and "transaction is aborted" not in message}
    if not lines or not text.statements:
        return None
    # Without a `;` the last one ends with the file for psql.
    text.statements[-1][3] = max(text.statements[-1][3], *lines)
    part = postgres.without_statements(path, text.statements, lines)
    if part == read(path):
        return None
    path = os.path.join(server.folder, "part.sql")
    with open(path, "wb") as file:
        file.write(part)
    return path, Text(options.tool, path)


def examine_alone(server, options, path, label):
    """A fixture: what of it runs, on what it presupposes."""
    outcome = Outcome(label, False)
    outcome.size = os.path.getsize(path)
    if not postgres.is_for_oracle(path):
        outcome.ran = "oracle=no"
        return outcome
    database = None
    try:
        text, stage, kept = Text(options.tool, path), Stage(server), path
        server.expect(text.source)

        def run():
            if not options.needs_database and not needs_database(text.source):
                errors, found = in_scratch(server, stage.script(), text.source, True)
                if not any(OUTSIDE.search(message) for _, message in errors):
                    return errors, found, None
            made = server.create()
            server.ask(made, stage.script())
            errors = server.load(made, text.source)
            if errors:
                server.drop(made)
                return errors, None, None
            return [], snapshot(server, made), made

        errors, wanted, database = run()
        for _ in range(20):
            if not errors:
                break
            roles, made = make_roles(server, errors), stage.presuppose(errors)
            if not roles and not made:
                part = without_failing(server, options, kept, text, errors)
                if part is None:
                    break
                kept, text = part
            errors, wanted, database = run()
        if errors or not text.statements:
            outcome.ran = "errors"
            return outcome
        outcome.ran = "ran" if kept == path else "part ran"
        before = [("before.sql", stage.script().encode())] if stage.script() else []
        files = write_history(server, before + [("text.sql", read(kept))])
        judge(server, options, outcome, files, wanted, database)
    except (RuntimeError, TimeoutError) as problem:
        outcome.differences.append(Difference("oracle", "problem", str(problem)[:300]))
        server.attempts = 0  # what is in the database then is not known
    finally:
        if database:
            server.drop(database)
    return outcome


def examine_chain(server, options, files):
    """The files of one folder: each on what earlier ones have made, those that fail again at the end,
    then without the statements that fail."""
    outcomes, bases, waiting = {}, [(None, [])], []
    for round_number in (1, 2):
        for path, label in files if round_number == 1 else waiting:
            if postgres.STOP.is_set():
                return []
            outcome = outcomes[label] = Outcome(label, True)
            outcome.size = os.path.getsize(path)
            try:
                text, kept = Text(options.tool, path), path
                server.expect(text.source)
                chain = bases[::-1][:3] + ([bases[0]] if len(bases) > 3 else [])
                base, database, errors = postgres.try_before(server, text.source, [b for b, _ in chain])
                if errors and round_number == 1:
                    server.drop(database)
                    waiting.append((path, label))
                    continue
                for _ in range(30):
                    if not errors:
                        break
                    server.drop(database)
                    database = None
                    part = without_failing(server, options, kept, text, errors)
                    if part is None:
                        break
                    kept, text = part
                    base, database, errors = postgres.try_before(server, text.source, [base])
                    make_roles(server, errors)
                if errors or not text.statements:
                    outcome.ran = "errors"
                    if database:
                        server.drop(database)
                    continue
                outcome.ran = "ran" if kept == path else "part ran"
                before = dict(bases)[base]
                history = before + [(os.path.basename(path), read(kept))]
                if fnmatch.fnmatch(label, options.only):
                    wanted = snapshot(server, database)
                    judge(server, options, outcome, write_history(server, history), wanted, database)
                if kept == path:
                    bases.append((database, history))
                else:
                    server.drop(database)
            except (RuntimeError, TimeoutError) as problem:
                outcome.differences.append(Difference("oracle", "problem", str(problem)[:300]))
                server.attempts = 0
    for database, _ in bases[1:]:
        server.drop(database)
    return list(outcomes.values())


# --- the oracle itself --------------------------------------------------------------------------

# What is done to pg_dump's text of catalog_sample.sql, and the difference that it has to make.
SPOILED = [
    (r"CREATE SCHEMA shop;", "", "printed text", 'schema "…" does not exist'),
    (r"'curious'", "'merry'", "type", "labels"),
    (r"numeric\(9,2\) DEFAULT 1", "numeric(8,2) DEFAULT 1", "type", "base"),
    (r"numeric\(9,2\) DEFAULT 1", "numeric(9,2)", "type", "default"),
    (r"VALUE >= ", "VALUE > ", "constraint", "definition"),
    (r"\tb text", "\tc text", "column", "missing"),
    (r"subtype = integer", "subtype = bigint", "type", "range"),
    (r"IMMUTABLE STRICT", "IMMUTABLE", "function", "strict"),
    (r"IMMUTABLE STRICT", "STRICT", "function", "volatility"),
    (r"select 2 \* n", "select n * 2", "function", "source"),
    (r"INCREMENT BY 2", "INCREMENT BY 3", "sequence", "increment"),
    (r"\n    CYCLE", "", "sequence", "cycle"),
    (r"\n    CACHE 3", "", "sequence", "cache"),
    (r"MAXVALUE 90", "", "sequence", "maximum"),
    (r"OWNED BY shop.orders.note", "OWNED BY NONE", "sequence", "owned by"),
    (r"INCREMENT BY 5", "INCREMENT BY 6", "sequence", "increment"),
    (r"GENERATED BY DEFAULT", "GENERATED ALWAYS", "column", "identity"),
    (r"character varying\(40\)", "character varying(41)", "column", "type"),
    (r'COLLATE pg_catalog."C"', "", "column", "collation"),
    (r"DEFAULT 'none'::character varying NOT NULL", "DEFAULT 'none'", "column", "not null"),
    (r"DEFAULT 'none'::character varying", "", "column", "default"),
    (r"shop.double\(3\)", "shop.double(4)", "column", "generated"),
    (r"(    paid numeric\(9,2\),\n)(.*?),\n", r"\2,\n\1", "table", "columns"),
    (r"CONSTRAINT paid_something", "CONSTRAINT other", "constraint", "name"),
    (r"ON DELETE CASCADE", "", "constraint", "definition"),
    (r"<> ''::text\)\) NOT VALID", "<> ''::text))", "constraint", "validated"),
    (r"orders_customer_note_key UNIQUE", "orders_key UNIQUE", "constraint", "name"),
    (r"CREATE INDEX by_note .*", "", "index", "missing"),
    (r"lower\(note\) DESC", "lower(note)", "index", "definition"),
    (r"c.name AS who", "upper(c.name) AS who", "view", "definition"),
    (r"BEFORE INSERT ON", "BEFORE UPDATE ON", "trigger", "definition"),
    (r"ALTER TABLE shop.orders ENABLE ROW.*", "", "table", "row security"),
    (r"note = CURRENT_USER", "note <> CURRENT_USER", "policy", "using"),
    (r"CREATE RULE quiet", "CREATE RULE other", "rule", "missing"),
    (r"STATISTICS shop.together \(dependencies\)", "STATISTICS shop.together (ndistinct)", "statistics", "definition"),
    # The ends: as names they would be cut off.
    (r"hold them", "keep them", "column", "comment"),
    (r"name can have", "name has", "table", "comment"),
    (r"GRANT SELECT ON TABLE", "GRANT INSERT ON TABLE", "table", "privileges"),
    (r"CREATE EXTENSION.*", "", "extension", "missing"),
    (r"$", "create table shop.more ();", "table", "too many"),
]


def test_itself(server, options):
    """Does pg_dump's text of the sample make the same, and each spoiled one what is expected?"""
    sample = read(os.path.join(HERE, "catalog_sample.sql"))
    database = server.create()
    errors = server.load(database, sample)
    if errors:
        fail(f"the sample does not run: {errors}")
    wanted = snapshot(server, database)
    printed, _ = print_catalog(server, options, [], database)

    def differences(text):
        errors, found = in_scratch(server, "", text.encode(), "anyway")
        return [error_difference(message) for _, message in errors] + compare(wanted, found)

    wrong = [f"pg_dump: {each.told()}" for each in differences(printed)]
    for pattern, replacement, kind, property in SPOILED:
        spoiled = re.sub(pattern, replacement, printed, count=1, flags=re.S if "?" in pattern else 0)
        found = [(each.kind, each.property) for each in differences(spoiled)]
        if spoiled == printed or (kind, property) not in found:
            wrong.append(f"{pattern} → {replacement}: not {kind}, {property}, but {found or 'nothing'}")
    server.drop(database)
    print("".join(f"{each}\n" for each in wrong), end="")
    print(f"oracle: catalog: {len(SPOILED)} spoiled texts, {len(wrong)} not noticed as expected")
    return not wrong


# --- all of them --------------------------------------------------------------------------------


def explain(differences, label):
    """Those that nothing explains."""
    left = []
    for each in differences:
        for entry in EXPLAINED:
            if (fnmatch.fnmatchcase(each.kind, entry.kind) and fnmatch.fnmatchcase(each.property, entry.property)
                    and fnmatch.fnmatchcase(each.object, entry.object)
                    and fnmatch.fnmatchcase(label, entry.text)):
                entry.used = True
                break
        else:
            left.append(each)
    return left


def report(outcomes, options, with_corpus):
    groups = collections.defaultdict(list)
    for o in outcomes:
        left = explain(o.differences, o.label)
        explained = len(o.differences) - len(left)
        o.differences = left
        if options.details and (left or o.ran == "errors"):
            print(f"{o.label}: {o.ran}, {o.objects} objects, {len(left)} differences, {explained} explained")
            print("".join(f"    {each.told()}\n" for each in left), end="")
        for each in left:
            groups[each.kind, each.property].append((o.size, o.label, each))
    order = sorted(groups.items(), key=lambda group: (-len({label for _, label, _ in group[1]}), group[0]))
    for (kind, property), found in order[:options.top]:
        _, label, example = min(found, key=lambda each: each[:2])
        print(f"  {len(found)} in {len({each[1] for each in found})} texts: {kind}, {property}")
        print(f"      {label}: {' '.join(example.told().split())[:400]}")
    if len(order) > options.top:
        print(f"  … and {len(order) - options.top} more kinds of difference (--top)")

    proven = {}
    for what, chained in (("fixtures", False), ("files", True)):
        of_kind = [o for o in outcomes if o.chained == chained]
        if not of_kind or chained and not with_corpus:
            continue
        compared = [o for o in of_kind if o.compared]
        proven[f"{what} that run"] = sum(o.ran == "ran" for o in of_kind)
        proven[f"{what} that run, or a part of them"] = len(compared)
        proven[f"objects of {what}"] = sum(o.objects for o in compared)
        proven[f"{what} with an equal catalog"] = sum(not o.differences for o in compared)
    return sum(bool(o.differences) for o in outcomes), proven


def collect(arguments):
    """As postgres.py, with the fixed texts of fixtures."""
    folders = postgres.collect(arguments)
    for argument in arguments:
        for folder, _, names in os.walk(argument):
            for name in names:
                # Beside a translation stands MySQL.
                if name.endswith(".fixed.sql") and name.replace(".fixed.", ".translated.") not in names:
                    path = os.path.join(folder, name)
                    label = os.path.relpath(path, os.path.dirname(argument.rstrip("/")))
                    folders.setdefault(folder, []).append((path, label))
    return folders


def prepared(server):
    """A server whose databases have what `snapshot` calls."""
    if not getattr(server, "can_tell_privileges", False):
        server.psql("empty", PRIVILEGES)
        server.can_tell_privileges = True
    return server


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--program")
    parser.add_argument("--tool")
    parser.add_argument("--self-test", action="store_true", help="does it notice what differs?")
    parser.add_argument("--printer", help="instead of PROGRAM catalog {files}")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="texts whose names match it")
    parser.add_argument("--top", type=int, default=40, help="how many kinds of difference to print")
    parser.add_argument("--details", action="store_true", help="every difference of every text")
    parser.add_argument("--alone", action="append", default=[], metavar="FOLDER")
    parser.add_argument("--corpus", metavar="FOLDER", help="another folder, with floors of its own")
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    if options.self_test:
        options.printer = "pg_dump --schema-only {database}"
    if bool(options.program) == bool(options.printer):
        fail("give --program or --printer")
    if not options.self_test and not options.tool:
        fail("give --tool")
    if postgres.server_folder() is None or shutil.which("psql") is None:
        fail("PostgreSQL's server is not installed (Debian package postgresql)")
    if options.printer:
        options.printer = shlex.split(options.printer)
    else:
        options.printer = [os.path.abspath(options.program), "catalog", "--dialect",
                           "postgres", "{files}"]
    options.needs_database = any("{database}" in word for word in options.printer)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.self_test:
        noticed = postgres.on_servers(lambda server, _: test_itself(prepared(server), options), [None])
        sys.exit(0 if all(noticed) else 1)
    with_corpus = options.corpus is not None
    if with_corpus:
        options.paths.append(options.corpus)
    # Fixtures in parcels, so that no server ends up alone with a large one; chains need their order.
    items = []
    alone = sorted({file for files in collect(options.alone).values() for file in files})
    alone = [file for file in alone if fnmatch.fnmatch(file[1], options.only)]
    items += [(False, alone[i:i + 8]) for i in range(0, len(alone), 8)]
    chains = sorted(collect(options.paths).values(), key=lambda files: -sum(os.path.getsize(p) for p, _ in files))
    items = [(True, files) for files in chains
             if any(fnmatch.fnmatch(label, options.only) for _, label in files)] + items
    if not items:
        fail("no .sql file that matches")

    def work(server, item):
        chained, files = item
        try:
            prepared(server)
            if chained:
                return examine_chain(server, options, files)
            return [examine_alone(server, options, *file) for file in files if not postgres.STOP.is_set()]
        except (RuntimeError, TimeoutError) as problem:
            # Of the server, not of a text: the others go on, and the floors notice.
            lost = Outcome(files[0][1], chained)
            lost.differences.append(Difference("oracle", "problem", str(problem)[:300]))
            return [lost]

    outcomes = [o for result in postgres.on_servers(work, items) for o in result]
    bad, proven = report(sorted(outcomes, key=lambda o: o.label), options, with_corpus)
    whole = options.only == "*"
    unused = [e for e in EXPLAINED if not e.used and (with_corpus or not e.corpus)] if whole else []
    for entry in unused:
        print(f"oracle: catalog: explains nothing any more: {entry.kind}, {entry.property} ({entry.reason})")
    low = postgres.hold_floors("catalog", proven) if whole else print(proven)
    print(f"oracle: catalog: {bad} texts with differences that nothing explains")
    # Differences are counted by the floors of what is equal, which may only rise.
    sys.exit(1 if low or unused and not options.needs_database else 0)


if __name__ == "__main__":
    main()
