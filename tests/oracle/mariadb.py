#!/usr/bin/env python3
"""The MariaDB oracle: MySQL text that runs on a real MariaDB server is translated and run on a real
PostgreSQL server, and tables, columns, keys, row counts and every value are compared. Every
difference has to be one that a finding announced.

    mariadb.py --program DSQLINT [--details] [FOLDER|FILE]…

Servers are started here, in a temporary folder, reachable by socket only, and stopped however this
ends. Each file is tried on its own; what MariaDB refuses is listed. A folder of migrations is tried
once more as one text, in the order of names. The folder that DSQLINT_MYSQL_CORPUS names is added.
"""

import argparse
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import postgres  # noqa: E402  (the PostgreSQL server is started as there)

# Which findings announce which differences, when they are about a statement that names the table.
ANNOUNCES = {
    "table": {"mysql_binary_key_unsupported", "parse_error", "mysql_statement_unsupported",
              "mysql_routine_unsupported", "mysql_index_limit_exceeded"},
    "column": {"mysql_alter_modify_unsupported", "mysql_statement_unsupported", "parse_error",
               "mysql_identifier_truncated", "mysql_column_renamed"},
    "type": {"mysql_binary_key_to_uuid", "mysql_tinyint_kept_numeric", "mysql_bit_mapped",
             "mysql_spatial_to_bytea", "mysql_decimal_clamped", "mysql_alter_modify_unsupported",
             "mysql_bigint_unsigned_key_narrowed", "mysql_unsigned_widened"},
    "null": {"mysql_generated_column_dropped", "mysql_add_column_split",
             "mysql_constraint_not_valid", "mysql_alter_modify_unsupported",
             "mysql_auto_increment_to_identity", "mysql_not_null_dropped"},
    "key": {"mysql_fulltext_index_dropped", "mysql_spatial_index_dropped",
            "mysql_binary_index_dropped", "mysql_index_limit_exceeded", "mysql_expression_dropped",
            "mysql_foreign_key_dropped", "mysql_foreign_key_index_added",
            "mysql_statement_unsupported", "mysql_alter_modify_unsupported"},
    "rows": {"mysql_data_statement_dropped", "mysql_nul_in_text", "mysql_invalid_encoding",
             "mysql_upsert_ambiguous", "mysql_user_variable", "mysql_routine_unsupported",
             "mysql_statement_unsupported"},
    "values": {"mysql_generated_column_dropped", "mysql_data_statement_dropped",
               "mysql_on_update_dropped", "mysql_invalid_default_dropped",
               "mysql_zero_date_to_null", "mysql_not_null_dropped"},
}

# MySQL's data types by what their values are; PostgreSQL's that may hold them unannounced.
TYPES = {
    "tinyint": {"smallint", "boolean", "bigint"}, "smallint": {"smallint", "integer", "bigint"},
    "mediumint": {"integer", "bigint"}, "int": {"integer", "bigint"},
    "bigint": {"bigint", "numeric"}, "decimal": {"numeric"}, "float": {"real"},
    "double": {"double precision"}, "bit": {"boolean"}, "year": {"integer"}, "date": {"date"},
    "datetime": {"timestamp without time zone"}, "timestamp": {"timestamp with time zone"},
    "time": {"time without time zone"}, "char": {"character"}, "varchar": {"character varying"},
    "tinytext": {"text"}, "text": {"text"}, "mediumtext": {"text"}, "longtext": {"text", "json"},
    "binary": {"bytea"}, "varbinary": {"bytea"}, "tinyblob": {"bytea"}, "blob": {"bytea"},
    "mediumblob": {"bytea"}, "longblob": {"bytea"}, "enum": {"character varying"},
    "set": {"text"}, "json": {"json"}, "uuid": {"uuid"},
}
# Functions of MySQL 8 that MariaDB lacks, so that files which use them load there.
FUNCTIONS = b"""
create function bin_to_uuid(b binary(16)) returns char(36) deterministic return
  lower(insert(insert(insert(insert(hex(b), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-'));
create function uuid_to_bin(u char(36)) returns binary(16) deterministic return
  unhex(replace(u, '-', ''));
"""
# Files that say nothing without another one, which is loaded first.
NEEDS = {"mysql-sakila-delete-data.sql": "mysql-sakila-schema.sql",
         "mysql-sakila-drop-objects.sql": "mysql-sakila-schema.sql"}
BYTES = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "point", "linestring",
         "polygon", "geometry", "multipoint", "multilinestring", "multipolygon", "geometrycollection"}
TIMES = {"datetime", "timestamp"}
MARK = "that was all"


class MariaDb:
    """One server of our own. Runs as `mysql` where we are root."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "mariadb")
        os.makedirs(self.folder)
        self.user = ["setpriv", "--pdeathsig", "INT"]
        if os.getuid() == 0:
            self.user += ["--reuid", "mysql", "--regid", "mysql", "--init-groups"]
            shutil.chown(self.folder, "mysql", "mysql")
        data = os.path.join(self.folder, "data")
        self.socket = os.path.join(self.folder, "socket")
        made = subprocess.run(
            self.user + ["mariadb-install-db", "--no-defaults", "--datadir=" + data,
                         "--auth-root-authentication-method=normal", "--skip-test-db"],
            capture_output=True, cwd=self.folder)
        if made.returncode != 0:
            postgres.fail("mariadb-install-db fails: " + made.stdout.decode(errors="replace")
                          + made.stderr.decode(errors="replace"))
        program = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
        self.session = None
        self.log = open(os.path.join(self.folder, "log"), "wb")
        self.process = subprocess.Popen(
            self.user + [program, "--no-defaults", "--datadir=" + data, "--socket=" + self.socket,
                         "--pid-file=" + os.path.join(self.folder, "pid"), "--skip-networking",
                         "--default-time-zone=+00:00", "--character-set-server=utf8mb4",
                         "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=128M",
                         "--max-allowed-packet=64M", "--log-bin-trust-function-creators=1",
                         "--skip-log-bin", "--lower-case-table-names=0"],
            stdout=self.log, stderr=self.log, cwd=self.folder)
        for _ in range(600):
            if self.client(["-e", "select 1"]).returncode == 0:
                break
            if self.process.poll() is not None:
                postgres.fail("MariaDB does not start; see " + self.log.name)
            time.sleep(0.1)
        else:
            postgres.fail("MariaDB does not answer")

    def stop(self):
        if self.session is not None:
            self.session.kill()
            self.session.communicate()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def client(self, arguments, text=None, program="mariadb"):
        return subprocess.run(
            [program, "--no-defaults", "--socket=" + self.socket, "--user=root",
             "--default-character-set=utf8mb4"] + arguments,
            input=text, stdin=subprocess.DEVNULL if text is None else None, capture_output=True)

    def rows(self, database, sql):
        """What a query gives, from a client that stays."""
        if self.session is None:
            self.session = subprocess.Popen(
                ["mariadb", "--no-defaults", "--socket=" + self.socket, "--user=root", "--batch", "--raw",
                 "--default-character-set=utf8mb4", "--skip-column-names", "--unbuffered"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.session.stdin.write(f"use `{database}`;\n{sql.strip()};\nselect '{MARK}';\n".encode())
        self.session.stdin.flush()
        rows = []
        for line in self.session.stdout:
            if line == MARK.encode() + b"\n":
                return [row.split("\t") for row in rows]
            rows.append(line.decode().rstrip("\n"))
        raise RuntimeError(self.session.communicate()[1].decode(errors="replace"))

    def databases(self):
        own = {"information_schema", "mysql", "performance_schema", "sys"}
        return [row[0] for row in self.rows("mysql", "show databases") if row[0] not in own]


class Side:
    """What one server holds: tables → columns → (type, nullable), keys, and the rows."""

    def __init__(self):
        self.columns = {}
        self.primary = {}
        self.unique = {}
        self.indexes = {}
        self.foreign = {}
        self.rows = {}


def read_mariadb(server, database, rows=True):
    side = Side()
    for table, column, kind, nullable in server.rows(database, """
            select c.table_name, c.column_name, c.data_type, c.is_nullable
            from information_schema.columns c join information_schema.tables t
              on t.table_schema = c.table_schema and t.table_name = c.table_name
            where c.table_schema = database() and t.table_type = 'BASE TABLE'
            order by c.table_name, c.ordinal_position"""):
        side.columns.setdefault(table, {})[column] = (kind, nullable == "YES")
    for table, name, unique, kind, columns in server.rows(database, """
            select table_name, index_name, 1 - non_unique, index_type,
                   group_concat(concat(column_name, if(sub_part is null, '', '*'))
                                order by seq_in_index separator '\x1f')
            from information_schema.statistics where table_schema = database()
            group by table_name, index_name, non_unique, index_type"""):
        key = tuple(columns.split("\x1f"))
        if name == "PRIMARY":
            side.primary[table] = key
        elif unique == "1":
            side.unique.setdefault(table, set()).add(key)
        else:
            side.indexes.setdefault(table, set()).add((key, kind))
    for table, parent, columns in server.rows(database, """
            select table_name, referenced_table_name,
                   group_concat(column_name order by ordinal_position separator '\x1f')
            from information_schema.key_column_usage
            where table_schema = database() and referenced_table_name is not null
            group by table_name, constraint_name, referenced_table_name"""):
        side.foreign.setdefault(table, []).append((parent, tuple(columns.split("\x1f"))))
    if not rows:
        return side
    for table, columns in side.columns.items():
        parts = []
        for column, (kind, _) in columns.items():
            name = "`" + column.replace("`", "``") + "`"
            if kind in BYTES:
                value = f"hex({name})"
            elif kind == "bit":
                value = f"hex(cast({name} + 0 as char))"
            elif kind == "uuid":
                value = f"upper(replace(cast({name} as char), '-', ''))"
            else:
                value = f"hex(convert(cast({name} as char) using utf8mb4))"
            parts.append(f"ifnull({value}, '-')")
        name = "`" + table.replace("`", "``") + "`"
        side.rows[table] = server.rows(database, f"select {', '.join(parts)} from {name}")
    return side


def read_postgres(server, database, rows=True):
    side = Side()
    quote = lambda name: '"' + name.replace('"', '""') + '"'
    schemas = {}
    for row in server.query(database, """
            select c.table_schema, c.table_name, c.column_name, c.data_type, c.is_nullable
            from information_schema.columns c join information_schema.tables t
              using (table_schema, table_name)
            where t.table_type = 'BASE TABLE'
              and c.table_schema not in ('pg_catalog', 'information_schema')
            order by c.table_name, c.ordinal_position"""):
        schemas[row["table_name"]] = row["table_schema"]
        side.columns.setdefault(row["table_name"], {})[row["column_name"]] = (
            row["data_type"], row["is_nullable"] == "YES")
    for row in server.query(database, """
            select c.relname as table, i.indisprimary as primary, i.indisunique as unique,
                   array(select coalesce(a.attname, pg_get_indexdef(i.indexrelid, k::int, true))
                         from generate_series(1, i.indnkeyatts) k
                         left join pg_attribute a
                           on a.attrelid = i.indrelid and a.attnum = i.indkey[k - 1]
                              and a.attnum > 0 order by k) as columns
            from pg_index i join pg_class c on c.oid = i.indrelid
            join pg_namespace n on n.oid = c.relnamespace
            where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')"""):
        key = tuple(row["columns"])
        if row["primary"]:
            side.primary[row["table"]] = key
        elif row["unique"]:
            side.unique.setdefault(row["table"], set()).add(key)
        else:
            side.indexes.setdefault(row["table"], set()).add((key, "BTREE"))
    for row in server.query(database, """
            select c.conrelid::regclass::text as qualified, r.relname as table, p.relname as parent,
                   array(select a.attname from unnest(c.conkey) with ordinality u (n, o)
                         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = u.n
                         order by o) as columns, c.convalidated
            from pg_constraint c join pg_class r on r.oid = c.conrelid
            join pg_class p on p.oid = c.confrelid where c.contype = 'f'"""):
        side.foreign.setdefault(row["table"], []).append((row["parent"], tuple(row["columns"])))
    if not rows:
        return side
    for table, columns in side.columns.items():
        parts = []
        for column, (kind, _) in columns.items():
            name = quote(column)
            if kind == "bytea":
                value = f"upper(encode({name}, 'hex'))"
            elif kind == "uuid":
                value = f"upper(replace({name}::text, '-', ''))"
            elif kind == "boolean":
                value = f"upper(encode(convert_to({name}::int::text, 'UTF8'), 'hex'))"
            else:
                value = f"upper(encode(convert_to({name}::text, 'UTF8'), 'hex'))"
            parts.append(f"coalesce({value}, '-')")
        out = server.ask(database, f"select {', '.join(parts)} from "
                                   f"{quote(schemas[table])}.{quote(table)};")
        side.rows[table] = [line.split("|") for line in out.split("\n")[:-1]]
    return side


def normal(value, kind, loaded):
    """One spelling for values that are the same; times of the load itself are one value."""
    if value == "-" or kind in BYTES or kind == "uuid":
        return value
    text = bytes.fromhex(value).decode(errors="surrogateescape")
    if kind in TIMES:
        text = re.sub(r"\+00$", "", text)
        text = re.sub(r"(\.\d*?)0+$", r"\1", text).rstrip(".")
        try:
            when = time.mktime(time.strptime(text[:19], "%Y-%m-%d %H:%M:%S"))
            now = time.mktime(time.gmtime())
            if loaded - 3600 < time.time() - (now - when) < time.time() + 60:
                return "(now)"
        except ValueError:
            pass
    elif kind == "time":
        text = re.sub(r"(\.\d*?)0+$", r"\1", text).rstrip(".")
    elif kind in ("float", "double"):
        return "%.6g" % float(text) if kind == "float" else "%.14g" % float(text)
    elif kind == "char":
        text = text.rstrip(" ")
    elif kind == "year" or kind.endswith("int"):
        text = str(int(text))  # ZEROFILL is for the eye
    return text


def compare(left, right, loaded):
    """Differences as (kind of difference, table, what)."""
    found = []
    lower = {name.lower(): name for name in right.columns}
    for table, columns in left.columns.items():
        name = table if table in right.columns else lower.get(table.lower())
        if name is None:
            found.append(("table", table, "is missing"))
            continue
        others = right.columns[name]
        for column in columns.keys() ^ others.keys():
            found.append(("column", table, f"{column} is on one side only"))
        if columns.keys() != others.keys():
            continue
        for column, (kind, nullable) in columns.items():
            target, target_nullable = others[column]
            if target not in TYPES.get(kind, set()):
                found.append(("type", table, f"{column}: {kind} became {target}"))
            if nullable != target_nullable:
                found.append(("null", table, f"{column}: nullable {nullable}, was {target_nullable}"))
        if left.primary.get(table, ()) != right.primary.get(name, ()):
            plain = tuple(part.rstrip("*") for part in left.primary.get(table, ()))
            if plain != right.primary.get(name, ()):
                found.append(("key", table, "another primary key"))
        plain = lambda keys: {tuple(re.sub(r"^\"?left\"?\(\(?\"?(\w+)\"?\)?.*$", r"\1", part.rstrip("*"))
                                    for part in key) for key in keys}
        # A unique key over the primary key's columns says nothing more; PostgreSQL leaves it out.
        primary = {right.primary.get(name, ())}
        if (plain(left.unique.get(table, set())) - primary
                != plain(right.unique.get(name, set())) - primary):
            found.append(("key", table, "other unique keys"))
        wanted = plain(key for key, kind in left.indexes.get(table, set()) if kind == "BTREE")
        given = plain(key for key, _ in right.indexes.get(name, set()))
        special = [key for key, kind in left.indexes.get(table, set()) if kind != "BTREE"]
        if wanted - given or special:
            found.append(("key", table, f"an index is missing: {sorted(wanted - given) or special}"))
        if sorted(left.foreign.get(table, [])) != sorted(right.foreign.get(name, [])):
            found.append(("key", table, "other foreign keys"))
        if table not in left.rows:
            continue
        if len(left.rows[table]) != len(right.rows[name]):
            found.append(("rows", table, f"{len(left.rows[table])} rows, now {len(right.rows[name])}"))
            continue
        kinds = [kind for kind, _ in columns.values()]
        order = [list(others).index(column) for column in columns]
        rows = sorted([normal(v, k, loaded) for v, k in zip(row, kinds)] for row in left.rows[table])
        same = sorted([normal(row[i], k, loaded) for i, k in zip(order, kinds)]
                      for row in right.rows[name])
        for i, column in enumerate(columns):
            if [row[i] for row in rows] != [row[i] for row in same]:
                a, b = next((x[i], y[i]) for x, y in zip(rows, same) if x[i] != y[i])
                found.append(("values", table, f"{column}: {a[:60]!r} became {b[:60]!r}"))
    return found


def without_async(text):
    """What only Aurora DSQL has, taken back; only where a statement begins."""
    text = re.sub(r"^(CREATE (?:UNIQUE )?INDEX) ASYNC ", r"\1 ", text, flags=re.M)
    return re.sub(r"^ALTER TABLE ASYNC ", "ALTER TABLE ", text, flags=re.M)


def translate(program, text, folder):
    """The translation with all fixes, and the findings with the text of their statements."""
    source = os.path.join(folder, "in.sql")
    target = os.path.join(folder, "out.sql")
    with open(source, "wb") as file:
        file.write(text)
    done = subprocess.run(
        [program, "fix", "--no-config", "--dialect", "mysql", "--format", "json", "-o", target, source],
        capture_output=True)
    if done.returncode not in (0, 1, 3):
        postgres.fail(f"{program} ends with {done.returncode}: {done.stderr.decode(errors='replace')}")
    findings = []
    for finding in json.loads(done.stdout)["files"][0]["diagnostics"]:
        place = finding["range"]["start"]["offset"]
        # The statement around the place: cheap, and enough to know the table by.
        begin = text.rfind(b";\n", 0, place) + 1
        end = text.find(b";\n", place)
        findings.append((finding["rule"], finding["line"],
                         text[begin:end if end >= 0 else len(text)].decode(errors="replace"),
                         finding["message"]))
    with open(target, "rb") as file:
        return without_async(file.read().decode()), findings


def announced(difference, findings):
    kind, table, what = difference
    # What a procedure would have written is not to be seen at its call.
    if kind == "rows" and any(rule == "mysql_routine_unsupported" and "CALL" in message.upper()
                              for rule, _, _, message in findings):
        return True
    word = re.compile(r"(?<![\w$])" + re.escape(table) + r"(?![\w$])", re.I)
    return any(rule in ANNOUNCES[kind] and word.search(statement)
               for rule, _, statement, _ in findings)


class Oracle:
    def __init__(self, program, details):
        self.program = program
        self.details = details
        self.folder = tempfile.mkdtemp(prefix="dsqlint-mariadb-")
        os.chmod(self.folder, 0o755)
        self.maria = self.post = None
        self.kind = "files"  # or fixtures
        self.table = []
        self.bad = 0

    def __enter__(self):
        self.maria = MariaDb(self.folder)
        self.post = postgres.Server(self.folder, "postgres")
        return self

    def __exit__(self, *_):
        for server in (self.maria, self.post):
            if server is not None:
                server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def load_mariadb(self, text):
        """Loads into an empty server; the database that was filled, and what went wrong."""
        for name in self.maria.databases():
            self.maria.client(["-e", f"drop database `{name}`"])
        self.maria.client(["-e", "create database oracle"])
        self.maria.client(["-D", "oracle"], FUNCTIONS)
        done = self.maria.client(["-D", "oracle"], text)
        problem = next((line for line in done.stderr.decode(errors="replace").split("\n")
                        if line.startswith("ERROR")), "")
        filled = [name for name in self.maria.databases()
                  if self.maria.rows(name, "show tables")]
        return (filled[0] if len(filled) == 1 else "oracle"), problem

    def check(self, label, text, before=b""):
        """Tries a text; one that does not load alone is tried again behind what comes `before` it."""
        loaded = time.time()
        database, problem = self.load_mariadb(text)
        if problem and before:
            return self.check(label + ", after those before it", before + b"\n;\n" + text)
        if problem:
            self.table.append((label, "no", "", "", self.kind))
            if self.details:
                print(f"    {label}: MariaDB: {problem}")
            return
        translated, findings = translate(self.program, text, self.folder)
        target = self.post.create()
        errors = self.post.load(target, translated.encode())
        lines = translated.split("\n")
        # An error is announced when the statement is one the linter has an objection to.
        left = read_mariadb(self.maria, database)
        right = read_postgres(self.post, target)
        self.post.drop(target)
        differences = compare(left, right, loaded)
        silent = [d for d in differences if not announced(d, findings)]
        refused = []
        # What a procedure holds back is written out; where its tables are missing, it says, it fails.
        guarded = any(rule == "mysql_procedure_inlined" for rule, _, _, _ in findings)
        for line, message in errors:
            statement = lines[max(0, line - 1)] if line <= len(lines) else ""
            if guarded and re.match(r'relation "[^"]*" does not exist', message):
                continue
            refused.append(f"{message} [{statement.strip()[:80]}]")
        self.bad += len(silent) + len(refused)
        self.table.append((label, "yes", "yes" if not refused else f"{len(refused)} errors",
                           f"{len(differences) - len(silent)} of {len(differences)}", self.kind))
        for d in silent:
            print(f"    {label}: NOT ANNOUNCED: {d[0]} of {d[1]}: {d[2]}")
        for one in refused[:8]:
            print(f"    {label}: PostgreSQL: {one}")
        if self.details:
            for d in differences:
                if d not in silent:
                    print(f"    {label}: announced: {d[0]} of {d[1]}: {d[2]}")

    def report(self):
        width = max([len(row[0]) for row in self.table] + [4])
        print(f"{'file':{width}}  MariaDB  PostgreSQL  announced differences")
        for label, maria, post, differences, _ in self.table:
            print(f"{label:{width}}  {maria:7}  {post:10}  {differences}")
        proven = {}
        for kind in dict.fromkeys(row[4] for row in self.table):
            rows = [row for row in self.table if row[4] == kind]
            proven.update({
                kind: len(rows), f"{kind} that MariaDB loads": sum(row[1] == "yes" for row in rows),
                f"{kind} that run once translated": sum(row[2] == "yes" for row in rows)})
        low = postgres.hold_floors("mariadb", proven)
        print(f"oracle: mariadb: {self.bad} differences or errors that nothing announced")
        return low or self.bad > 0


def natural(path):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path)]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--program", required=True)
    arguments.add_argument("--details", action="store_true")
    arguments.add_argument("paths", nargs="*")
    options = arguments.parse_args()
    for program in ("mariadb-install-db", "mariadb", "mariadb-dump"):
        if shutil.which(program) is None:
            postgres.fail(f"{program} is missing: install mariadb-server")
    if postgres.server_folder() is None:
        postgres.fail("no PostgreSQL server is installed")
    if os.path.isdir(os.environ.get("DSQLINT_MYSQL_CORPUS", "")):
        options.paths.append(os.environ["DSQLINT_MYSQL_CORPUS"])
    else:
        print("skipped: the MariaDB oracle over the corpus: there is no DSQLINT_MYSQL_CORPUS")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with Oracle(options.program, options.details) as oracle:
        for path in options.paths:
            oracle.kind = "fixtures" if "fixtures" in path.split(os.sep) else "files"
            files = sorted(glob.glob(os.path.join(path, "**", "*.sql"), recursive=True), key=natural)
            base = path
            if os.path.isfile(path):
                files, base = [path], os.path.dirname(path)
            files = [file for file in files if not file.endswith(".translated.sql")]
            folders, series = {}, {}
            for file in files:
                with open(file, "rb") as source:
                    text = source.read()
                folder, name = os.path.split(file)
                folders.setdefault(folder, []).append(text)
                # Migrations that are numbered alike build on each other.
                earlier = series.setdefault((folder, re.match(r"\D*", name)[0]), [])
                before = b"\n;\n".join(earlier)
                if name in NEEDS:
                    with open(os.path.join(folder, NEEDS[name]), "rb") as needed:
                        before = needed.read()
                oracle.check(os.path.relpath(file, base), text, before)
                earlier.append(text)
            for folder, texts in folders.items():
                if len(texts) > 1:
                    oracle.check(os.path.relpath(folder, base) + "/ as one", b"\n;\n".join(texts))
        failed = oracle.report()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
