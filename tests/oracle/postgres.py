#!/usr/bin/env python3
"""The PostgreSQL oracle: a file that runs on a real server still runs after fixing, and the catalog
and the rows it makes are the same, except where a finding said so.

    postgres.py --tool PROGRAM [--details] [--alone FOLDER]… [FOLDER|FILE]…

PROGRAM is dsqlint_fixed_for_postgres. Servers are started here, in a temporary folder, reachable by
socket only, and stopped however this ends. Each folder's files are tried in the order of their
names on a database that holds what the earlier ones made, as migrations are, then on an empty one.
The folder that the environment variable DSQLINT_CORPUS names is added.

Files of --alone folders are fixtures: fragments that have nothing to do with each other. What they
presuppose is made first (tables with integer columns, schemas, roles), statements that fail all the
same are left out, and what remains proves a fix where the promise holds for it. One that says
`-- fixture: oracle=no` is not run. floors.txt holds how much has to be proven at least.

What counts as explained: EXPLAINS says which differences a rule's fix may make; a difference of the
table, column, constraint … X is explained when such a fix touched a statement that names X. What has
no name by which a finding could speak of it is explained by nothing.
"""

import argparse
import concurrent.futures
import fnmatch
import glob
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True  # nothing is left in the source folder
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from explains import EXPLAINS  # noqa: E402  (the table is a file of its own)

ERROR = re.compile(r"^psql:([^\n]*?):(\d+): (?:ERROR|FATAL|error):\s+(.*)$", re.M)
# What psql does besides sending statements may outlast the file; `\.` and `\N` belong to COPY.
COMMAND = re.compile(rb"\\[a-zA-Z!?](?<!\\N)")
# What cannot be tried in a transaction of ours.
TRANSACTIONS = re.compile(
    rb"\b(begin|start\s+transaction|commit|rollback|abort|savepoint|release|set\s+(local|transaction)"
    rb"|concurrently|vacuum|database|tablespace|system|subscription|cluster|reindex|discard"
    rb"|end\s*(;|work\b|transaction\b))", re.I)
OUTSIDE = re.compile(r"cannot (run|be executed) (inside|from)|unsafe use of new value")
MISSING_ROLE = re.compile(r'role "([^"]+)" does not exist')
# Commands about databases are the server's business, not the schema's: both sides go without.
DATABASE = re.compile(
    r"^[ \t]*(?:(?:create|drop)\s+database\b[^;]*;|alter\s+database\b[^;]*;|\\c(?:onnect)?\b.*)[ \t]*$",
    re.I | re.M,
)
# Who runs the files. Some take the rights of `postgres` away, and those that come after need them.
OVERSEER = "overseer"
# In seconds, for one text: the machine may build and test other things meanwhile.
PATIENCE = 600
STOP = threading.Event()


def fail(message):
    sys.exit("oracle: " + message)


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def server_folder():
    """The newest server that Debian has installed, or the one on PATH."""
    found = glob.glob("/usr/lib/postgresql/*/bin/postgres")
    found.sort(key=lambda path: int(path.split("/")[4]))
    if found:
        return os.path.dirname(found[-1])
    path = shutil.which("postgres")
    return os.path.dirname(path) if path else None


def errors_in(told):
    """As (line, message); line 0 where it is none of the file's."""
    return [(int(line) if file.endswith("file.sql") else 0, message)
            for file, line, message in ERROR.findall(told)]


class Session:
    """One psql that stays, for texts that leave it as it was. What it says of errors goes to a file,
    which is read when the marker comes."""

    MARK = "that was all"

    def __init__(self, server):
        self.server = server
        self.process = None
        self.database = None

    def start(self, database):
        self.stop()
        self.told = os.open(os.path.join(self.server.folder, "told"),
                            os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.process = subprocess.Popen(
            [self.server.client, "-XqAt", "-d", database, "-f", "-"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.told, bufsize=0, env=self.server.environment,
            cwd=self.server.scratch)
        self.database = database

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            os.close(self.told)
            self.process = None

    def run(self, database, script, anew=False):
        """What psql wrote to stdout and to stderr; `anew`: in a connection of its own."""
        if self.process is None or self.process.poll() is not None:
            self.start(database)
        elif anew or self.database != database:
            script = f"\\c {database}\n" + script
            self.database = database
        os.ftruncate(self.told, 0)
        self.process.stdin.write(f"{script}\n\\echo {self.MARK}\n".encode())
        out, mark, end = b"", self.MARK.encode() + b"\n", time.monotonic() + PATIENCE
        while not out.endswith(mark):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            part = os.read(self.process.stdout.fileno(), 1 << 16) if ready else b""
            if not part:
                told = self.so_far()
                self.stop()
                if not ready:
                    raise TimeoutError("took longer than ten minutes")
                raise RuntimeError("psql ends: " + told)
            out += part
        return out[:-len(mark)].decode(errors="replace"), self.so_far()  # COPY can write bytes

    def so_far(self):
        return os.pread(self.told, 1 << 24, 0).decode(errors="replace")


class Server:
    """One PostgreSQL cluster of our own. Runs as `postgres` where we are root."""

    def __init__(self, folder, name, port=None):
        """With `port`, it is to be had at 127.0.0.1, too."""
        self.folder = os.path.join(folder, name)
        self.scratch = os.path.join(self.folder, "scratch")
        os.makedirs(self.scratch)
        self.user = ["setpriv", "--pdeathsig", "INT"]
        if os.getuid() == 0:
            self.user += ["--reuid", "postgres", "--regid", "postgres", "--init-groups"]
            shutil.chown(self.folder, "postgres", "postgres")
            shutil.chown(self.scratch, "postgres", "postgres")
        data = os.path.join(self.folder, "data")
        binaries = server_folder()
        # Debian's psql on PATH is a script that looks for this one.
        self.client = shutil.which("psql", path=binaries) or shutil.which("psql")
        self.session = None
        self.run(
            [binaries + "/initdb", "-D", data, "-U", OVERSEER, "-A", "trust", "-E", "UTF8",
             "--locale=C", "--no-sync"])
        self.log = open(os.path.join(self.folder, "log"), "wb")
        self.process = subprocess.Popen(
            self.user + [binaries + "/postgres", "-D", data, "-k", self.folder,
                         "-c", "listen_addresses=" + ("127.0.0.1" if port else ""),
                         "-c", f"port={port or 5432}", "-c", "fsync=off", "-c", "full_page_writes=off",
                         "-c", "synchronous_commit=off", "-c", "max_connections=20",
                         "-c", "max_prepared_transactions=5", "-c", "autovacuum=off",
                         "-c", "shared_buffers=32MB", "-c", "max_locks_per_transaction=512",
                         "-c", "lc_messages=C", "-c", "timezone=UTC"],
            stdout=self.log, stderr=self.log, cwd=self.folder)
        # stdin, the program's name and the like stay out of psql's reach.
        self.environment = {"PATH": os.environ["PATH"], "PGHOST": self.folder, "PGUSER": OVERSEER,
                            "PGPORT": str(port or 5432), "LC_ALL": "C.UTF-8", "PGOPTIONS": "-c statement_timeout=60s",
                            "PGCONNECT_TIMEOUT": "10", "HOME": self.folder}
        for _ in range(300):
            if self.psql("postgres", "select 1", check=False).returncode == 0:
                break
            if self.process.poll() is not None:
                fail("the server does not start; see " + self.log.name)
            STOP.wait(0.1)
        else:
            fail("the server does not answer")
        self.psql("postgres", "create role postgres superuser login")
        self.made = 0
        self.makes_roles = False
        self.makes_databases = False
        self.roles = self.all_roles()
        # What an empty database has here: collations that depend on the machine otherwise.
        self.psql("postgres", "create database empty template template0")
        self.psql("empty", "set allow_system_table_mods = on; create collation pg_catalog.\"en_US\""
                  " (provider = icu, locale = 'en-US')", check=False)
        self.attempts = 0

    def stop(self):
        if self.session is not None:
            self.session.stop()
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def run(self, command):
        done = subprocess.run(self.user + command, capture_output=True, cwd=self.folder)
        if done.returncode != 0:
            fail(f"{command[0]} fails: {done.stderr.decode(errors='replace')}")

    def psql(self, database, sql, check=True):
        """Runs a text in a psql of its own."""
        done = subprocess.run(
            [self.client, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"],
            input=sql.encode(), capture_output=True, env=self.environment, cwd=self.scratch)
        if check and done.returncode != 0:
            raise RuntimeError(done.stderr.decode(errors="replace"))
        return done

    def ask(self, database, sql):
        """What a query prints, in the session that stays."""
        if self.session is None:
            self.session = Session(self)
        out, told = self.session.run(database, sql)
        if "ERROR:" in told or "FATAL:" in told:
            raise RuntimeError(told)
        return out

    def query(self, database, sql):
        return json.loads(self.ask(database, f"select coalesce(json_agg(q), '[]') from ({sql}) q;"))

    def all_roles(self):
        rows = self.query("postgres", "select rolname from pg_roles where rolname !~ '^pg_'")
        return {row["rolname"] for row in rows}

    def foreign_databases(self):
        """Those that files have made."""
        rows = self.query("postgres", "select datname from pg_database where datname !~ "
                          "'^(db[0-9]+|empty|scratch|postgres|template[01])$'")
        return {row["datname"] for row in rows}

    def expect(self, text):
        """Whether the text may make what `drop` has to look for on the whole server."""
        self.makes_databases = bool(re.search(rb"\bdatabase\b", text, re.I))
        self.makes_roles = bool(re.search(rb"\b(role|user|group)\b", text, re.I))

    def create(self, base=None):
        self.made += 1
        name = f"db{self.made}"
        self.ask("postgres", f"create database {name} template {base or 'empty'};")
        return name

    def drop(self, database):
        self.ask("postgres", f"drop database if exists {database} with (force);")
        # Roles and databases belong to the whole server: those the file made must not meet the next
        # run.
        if self.makes_databases:
            for name in self.foreign_databases():
                self.psql("postgres", f"drop database {quote(name)} with (force)", check=False)
        if self.makes_roles:
            for role in self.all_roles() - self.roles:
                self.psql("postgres", f"drop role {quote(role)}", check=False)

    def load(self, database, text):
        """Runs a text as `psql -f` does, in a new connection; gives the errors as (line, message)."""
        path = os.path.join(self.scratch, "file.sql")
        with open(path, "wb") as file:
            file.write(text)
        if not COMMAND.search(text):
            try:
                told = self.session.run(database, f"\\i {path}", anew=True)[1]
                self.ask("postgres", "")  # what the text left open ends with its connection
                return errors_in(told)
            except (RuntimeError, TimeoutError) as problem:
                return [(0, str(problem))]
        try:
            done = subprocess.run([self.client, "-Xq", "-d", database, "-f", path],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, env=self.environment, cwd=self.scratch,
                                  timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return [(0, "took longer than ten minutes")]
        return errors_in(done.stderr.decode(errors="replace"))

    def attempt(self, text, before, look):
        """Runs a text after `before` in a transaction that is rolled back, a failed statement alone;
        gives the errors, and the snapshot where one is wanted and there are none."""
        # What was rolled back stays in the catalog's tables and makes reading them slow.
        if self.attempts % 16 == 0:
            self.ask("postgres", "drop database if exists scratch with (force);")
            self.ask("postgres", "create database scratch template empty;")
        self.attempts += 1
        path = os.path.join(self.scratch, "file.sql")
        with open(path, "wb") as file:
            file.write(text)
        try:
            self.ask("scratch", f"begin;\n{before}\n\\set ON_ERROR_ROLLBACK on")
            told = self.session.run(
                "scratch", f"\\i {path}\nreset role; reset session authorization; reset all;"
                "\nset constraints all immediate;")[1]
            errors = errors_in(told)
            found = self.snapshot("scratch") if look and not errors else None
        finally:
            self.ask("scratch", "\\set ON_ERROR_ROLLBACK off\nrollback;\ndiscard all;")
        return errors, found

    def snapshot(self, database):
        with open(os.path.join(HERE, "catalog.sql")) as file:
            catalog = file.read()
        rows = self.query(database, f"select * from ({catalog}) c (kind, object, attribute, value, names)")
        found = {(r["kind"], r["object"], r["attribute"]): (r["value"], r["names"]) for r in rows}
        columns = self.query(database, """
            select c.oid::regclass::text as quoted, n.nspname || '.' || c.relname as path,
                   c.relname, a.attname, quote_ident(a.attname) as col
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'""")
        counts, sums = {}, []
        for row in columns:

            def query(attname, value, row=row):
                return (f"select $q${row['path']}$q$ as path, $q${row['relname']}$q$ as relname,"
                        f" {attname} as attname, {value} as value from {row['quoted']}")

            counts[row["path"]] = query("null", "count(*)::text")
            if row["col"]:
                sums.append(query(f"$q${row['attname']}$q$", "md5(string_agg("
                                  f"{row['col']}::text, ',' order by {row['col']}::text))"))
        queries = list(counts.values()) + sums
        for i in range(0, len(queries), 200):
            for row in self.query(database, " union all ".join(queries[i:i + 200])):
                if row["value"] is None:
                    continue  # no rows
                if row["attname"] is None:
                    found["rows", row["path"], "count"] = (row["value"], [row["relname"]])
                else:
                    found["data", f"{row['path']}.{row['attname']}", "values"] = (
                        row["value"], [row["relname"], row["attname"]])
        return found


def without_databases(text):
    return DATABASE.sub("", text.decode()).encode()


def explained(key, names, findings):
    """May a fix that touched a statement naming the object make this difference? It has to name a
    column, by itself, unless the fix makes or removes whole tables or views; the table may be another,
    as that of a view's column is."""
    kind, path, attribute = key
    column = path.rpartition(".")[2]
    # A column that a fix has moved into CREATE TABLE is named by what is found there next.
    moved = any(column in each["names"] for each in findings if each["rule"].endswith("_fold"))
    for finding in findings:
        patterns = EXPLAINS.get(finding["rule"], ())
        if not any(fnmatch.fnmatchcase(f"{kind} {attribute}", pattern) for pattern in patterns):
            continue
        in_part = kind in ("column", "data") and not {"table *", "view *"} & set(patterns)
        if not names & finding["names"]:
            continue
        if not in_part or moved or column in finding["names"]:
            return finding["rule"]
    return None


def announced(message, findings):
    """Is the error about something that a fix with a warning has renamed or declared?"""
    quoted = set(re.findall(r'"([^"]+)"', message))
    # The one message that names a type without quotes: an ALTER TYPE that stayed, as its finding said.
    quoted.update(re.findall(r"(\S+) is not an enum", message))
    return any(
        finding["status"] == "fixed_with_warning" and "error" in EXPLAINS.get(finding["rule"], ())
        and any(name in finding["names"] or name.rsplit("_", 1)[0] in finding["names"]
                for name in quoted)
        for finding in findings)


class Outcome:
    def __init__(self, path, chained):
        self.path = path
        self.chained = chained
        self.before = self.after = self.catalog = ""
        self.details = []
        self.bad = False

    def note(self, text, bad=True):
        self.details.append(text)
        self.bad = self.bad or bad

    @property
    def proven(self):
        """A text that a fix has changed still runs, and makes the same or what the findings announce."""
        return self.after.startswith("ran") and self.catalog.startswith(("equal", "explained"))


class Text:
    """What the fixer makes of one file."""

    def __init__(self, tool, path):
        done = subprocess.run([tool, path], capture_output=True)
        if done.returncode != 0:
            raise RuntimeError("the fixer fails: " + done.stderr.decode(errors="replace").strip())
        told = json.loads(done.stdout)
        self.changed = told["changed"]
        self.findings = [{**f, "names": set(f["names"])} for f in told["findings"]]
        self.source = without_databases(told["source"].encode())
        self.fixed = without_databases(told["fixed"].encode())
        self.unreadable = told["unreadable"]
        self.statements = told["statements"]

    def check_parse_errors(self, outcome, errors):
        lines = {line for line, _ in errors}
        for line in self.unreadable:
            if line not in lines and 0 not in lines:
                # What stands in a branch of \if that is not taken was never sent.
                outcome.note(f"line {line}: parse_error, but the server has no objection",
                             bad=b"\\if" not in self.source)


def compare(outcome, text, known, after, again):
    """Two snapshots; `again()` makes the first one once more."""
    rules, unexplained = {}, []
    for key in sorted(set(known) | set(after)):
        was, is_now = known.get(key), after.get(key)
        if (was and was[0]) == (is_now and is_now[0]):
            continue
        rule = explained(key, set((was or is_now)[1] or ()) - {None}, text.findings)
        if rule is not None:
            rules[rule] = rules.get(rule, 0) + 1
        else:
            unexplained.append(key)
    if unexplained:
        # now(), random() and the like differ from run to run.
        same = again()
        unexplained = [key for key in unexplained if known.get(key) == same.get(key)]
    for key in unexplained:
        was, is_now = (side.get(key, (None,))[0] for side in (known, after))
        outcome.note(f"{' '.join(key)}: {was!r} → {is_now!r}", bad=outcome.before == "ran")
    if unexplained:
        outcome.catalog = f"{len(unexplained)} UNEXPLAINED"
    elif rules:
        outcome.catalog = "explained: " + ", ".join(f"{r} {n}" for r, n in sorted(rules.items()))
    else:
        outcome.catalog = "equal"


def try_before(server, text, bases):
    """Loads the text on the first base where it runs; (base, database, errors)."""
    best = None
    for base in bases:
        database = server.create(base)
        errors = server.load(database, text)
        if make_roles(server, errors):
            # A dump speaks of its owners as if they were there.
            server.drop(database)
            database = server.create(base)
            errors = server.load(database, text)
        if best is not None:
            server.drop(database if len(best[2]) <= len(errors) else best[1])
        if best is None or len(errors) < len(best[2]):
            best = (base, database, errors)
        if not errors:
            break
    return best


def make_roles(server, errors):
    missing = {m.group(1) for _, told in errors for m in MISSING_ROLE.finditer(told)} - server.roles
    for role in missing - server.all_roles():
        server.ask("postgres", f"create role {quote(role)};")
    server.roles |= missing
    return missing


def judge_errors(outcome, text, errors, errors_after):
    known = {message for _, message in errors}
    new = [(line, message) for line, message in errors_after
           if message not in known and not announced(message, text.findings)]
    if not errors_after:
        outcome.after = "ran"
    elif not new and not errors:
        outcome.after = "ran as announced"
    else:
        outcome.after = f"{len(errors_after)} errors" + (f", {len(new)} new" if new else "")
    for line, message in new:
        outcome.note(f"fixed text, line {line}: {message}", bad=outcome.before == "ran")


def examine(server, tool, path, label, bases):
    """One file; gives the outcome and the database it made where that ran."""
    outcome = Outcome(label, True)
    try:
        text = Text(tool, path)
    except RuntimeError as problem:
        outcome.note(str(problem))
        return outcome, None
    server.expect(text.source)
    base, first, errors = try_before(server, text.source, bases)
    outcome.before = "ran" if not errors else f"{len(errors)} errors"
    for line, message in errors[:20]:
        outcome.note(f"source, line {line}: {message}", bad=False)
    text.check_parse_errors(outcome, errors)
    if not text.changed:
        outcome.after, outcome.catalog = outcome.before, "equal (nothing to fix)"
        return outcome, keep(server, first, not errors)
    known = server.snapshot(first)
    server.drop(first)

    second = server.create(base)
    errors_after = server.load(second, text.fixed)
    after = server.snapshot(second)
    server.drop(second)
    judge_errors(outcome, text, errors, errors_after)

    third = []

    def make_again():
        if not third:
            third.append(server.create(base))
            server.load(third[0], text.source)
        return third[0]

    compare(outcome, text, known, after, lambda: server.snapshot(make_again()))
    if not errors:
        make_again()
    return outcome, keep(server, third[0] if third else None, not errors)


class Stage:
    """Where the text of a fixture runs: in a transaction that is rolled back, or in a database of its
    own where that cannot be. What the text presupposes is made before it."""

    def __init__(self, server):
        self.server = server
        self.schemas = []
        self.tables = {}  # their columns

    def script(self):
        made = [f"create schema if not exists {schema};\n" for schema in self.schemas]
        for table, columns in self.tables.items():
            made.append(f"create table {table} (" + ", ".join(f"{c} integer" for c in columns) + ");\n")
        return "".join(made)

    def run(self, text, look):
        """The errors, and the snapshot where one is wanted and there are none."""
        if not TRANSACTIONS.search(text) and not COMMAND.search(text):
            errors, found = self.server.attempt(text, self.script(), look)
            if not any(OUTSIDE.search(message) for _, message in errors):
                return errors, found
        database = self.server.create()
        self.server.ask(database, self.script())
        errors = self.server.load(database, text)
        found = self.server.snapshot(database) if look and not errors else None
        self.server.drop(database)
        return errors, found

    def presuppose(self, errors):
        """Makes what the errors miss; was there anything to make?"""
        known = self.script()
        for _, message in errors:
            if match := re.match(r'relation "([^"]+)" does not exist', message):
                path = [quote(part) for part in match[1].removeprefix("public.").split(".")]
                if len(path) == 2 and path[0] not in self.schemas:
                    self.schemas.append(path[0])
                self.tables.setdefault(".".join(path), [])
            elif match := re.match(r'schema "([^"]+)" does not exist', message):
                if quote(match[1]) not in self.schemas:
                    self.schemas.append(quote(match[1]))
            elif match := re.match(r'column (?:"([^"]+)"|(?:\w+\.)?(\w+)) .*does not exist', message):
                of = re.search(r'of relation "([^"]+)"', message)
                for table, columns in self.tables.items():
                    column = quote(match[1] or match[2])
                    if column not in columns and (not of or table.endswith(quote(of[1]))):
                        columns.append(column)
        return self.script() != known


def without_statements(path, statements, lines):
    """The file's text with white space for the statements on these lines."""
    with open(path, "rb") as file:
        text = bytearray(file.read())
    for begin, end, first, last in statements:
        if any(first <= line <= last for line in lines):
            text[begin:end] = re.sub(rb"[^\n\r]", b" ", text[begin:end])
    return bytes(text)


class Fragment:
    """What of a fixture runs: its text, or the file with that part of it, on the stage that it needs."""

    def __init__(self, server, tool, path, outcome):
        self.whole = path
        self.text = Text(tool, path)
        server.expect(self.text.source)
        self.stage = Stage(server)
        self.errors, self.known = self.stage.run(self.text.source, self.text.changed)
        self.text.check_parse_errors(outcome, self.errors)
        for _ in range(12):
            roles, made = make_roles(server, self.errors), self.stage.presuppose(self.errors)
            if not roles and not made:
                break
            self.errors, self.known = self.stage.run(self.text.source, self.text.changed)
        for _ in range(6):
            if not self.errors:
                break
            part = without_statements(path, self.text.statements, {line for line, _ in self.errors})
            path = os.path.join(server.folder, "part.sql")
            with open(path, "wb") as file:
                file.write(part)
            self.text = Text(tool, path)
            self.errors, self.known = self.stage.run(self.text.source, self.text.changed)
        self.path = path

    @property
    def runs(self):
        return not self.errors and bool(self.text.statements)

    @property
    def disproves(self):
        """A part of a fixture, or one on tables that have columns of integers only, may prove a fix. It
        cannot disprove one."""
        return self.path == self.whole and not self.stage.script()


def is_for_oracle(path):
    with open(path, "rb") as file:
        return re.search(rb"-- fixture: .*\boracle=no\b", file.read()) is None


def examine_alone(server, tool, path, label):
    """A fixture: what of it runs, and what its fix makes of that."""
    outcome = Outcome(label, False)
    if not is_for_oracle(path):
        outcome.before = "oracle=no"
        return outcome
    try:
        fragment = Fragment(server, tool, path, outcome)
        text, stage, errors = fragment.text, fragment.stage, fragment.errors
        for line, message in errors[:20]:
            outcome.note(f"source, line {line}: {message}", bad=False)
        if not fragment.runs:
            outcome.before = "errors"
            return outcome
        outcome.before = "ran" if fragment.disproves else "part ran"
        if not text.changed:
            return outcome
        errors_after, after = stage.run(text.fixed, True)
        judge_errors(outcome, text, errors, errors_after)
        if errors_after:
            outcome.catalog = "not compared"
        else:
            compare(outcome, text, fragment.known, after, lambda: stage.run(text.source, True)[1])
    except (RuntimeError, TimeoutError) as problem:
        outcome.note(str(problem))
    return outcome


def keep(server, database, wanted):
    """The database for later files to build on, or None when it is dropped."""
    if database is None or wanted:
        return database
    server.drop(database)
    return None


def examine_folder(server, tool, files, chained):
    """The files of one folder in order; a second round for those that need a later one."""
    if not chained:
        return [examine_alone(server, tool, path, label) for path, label in files if not STOP.is_set()]
    outcomes, bases, waiting = {}, [None], []
    for round_number in (1, 2):
        for path, label in (files if round_number == 1 else waiting):
            if STOP.is_set():
                return []
            chain = bases[::-1][:3] + ([None] if len(bases) > 3 else [])
            outcome, database = examine(server, tool, path, label, chain)
            outcomes[label] = outcome
            if database is not None:
                bases.append(database)
            elif round_number == 1 and outcome.before != "ran":
                waiting.append((path, label))
        if len(bases) == 1:
            break
    for database in bases[1:]:
        server.drop(database)
    return [outcomes[label] for _, label in files]


def collect(arguments):
    """Folder → [(path, label)], labels relative to what was asked for."""
    folders = {}
    for argument in arguments:
        if os.path.isfile(argument):
            folders.setdefault(argument, []).append((argument, os.path.basename(argument)))
            continue
        for folder, _, names in os.walk(argument):
            for name in sorted(names):
                # A file that stands beside its translation is MySQL.
                is_mysql = name.replace(".sql", ".translated.sql") in names
                if name.endswith(".sql") and not name.endswith(".fixed.sql") and not is_mysql:
                    path = os.path.join(folder, name)
                    label = os.path.relpath(path, os.path.dirname(argument.rstrip("/")))
                    folders.setdefault(folder, []).append((path, label))
    return folders


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--tool", required=True)
    parser.add_argument("--details", action="store_true", help="what differs in files with errors too")
    parser.add_argument("--alone", action="append", default=[], metavar="FOLDER")
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    if server_folder() is None or shutil.which("psql") is None:
        fail("PostgreSQL's server is not installed (Debian package postgresql)")
    with_corpus = os.path.isdir(os.environ.get("DSQLINT_CORPUS", ""))
    if with_corpus:
        options.paths.append(os.environ["DSQLINT_CORPUS"])
    else:
        print("skipped: the PostgreSQL oracle over the corpus: there is no DSQLINT_CORPUS")
    alone = collect(options.alone)
    folders = {**collect(options.paths), **alone}
    if not folders:
        fail("no .sql file in " + " ".join(options.paths + options.alone))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def work(server, folder):
        return examine_folder(server, options.tool, folders[folder], folder not in alone)

    # The longest first, so that no server ends up alone with it.
    order = sorted(folders, key=lambda f: -sum(os.path.getsize(p) for p, _ in folders[f]))
    outcomes = [o for result in on_servers(work, order) for o in result]
    report(sorted(outcomes, key=lambda o: o.path), options.details, with_corpus)


def on_servers(work, items):
    """What `work(server, item)` gives for each, on as many servers as are of use."""
    # Thousands of small files are made and dropped: in memory where there is plenty.
    memory = "/dev/shm" if os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > 4 << 30 else None
    temporary = tempfile.mkdtemp(prefix="dsqlint-oracle-", dir=memory)
    os.chmod(temporary, 0o755)
    servers = []
    try:
        workers = min(len(items), os.cpu_count() or 1, 4)
        servers += [Server(temporary, f"server{i}") for i in range(workers)]
        free = list(servers)
        lock = threading.Lock()

        def take(item):
            with lock:
                server = free.pop()
            try:
                return work(server, item)
            finally:
                with lock:
                    free.append(server)

        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            try:
                return list(pool.map(take, items))
            finally:
                STOP.set()
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(temporary, ignore_errors=True)


def report(outcomes, details, with_corpus):
    # Fixtures are fragments: of those that do not run there is nothing to say.
    shown = [o for o in outcomes if o.chained or o.bad or o.after]
    width = max((len(o.path) for o in shown), default=0)
    print(f"{'file':{width}}  {'before':12} {'after':22} catalog and rows")
    for o in shown:
        print(f"{o.path:{width}}  {o.before:12} {o.after:22} {o.catalog}")
        if o.bad or details:
            print("".join(f"    {line}\n" for line in o.details), end="")
    files = [o for o in outcomes if o.chained]
    ran = [o for o in files if o.before == "ran"]
    fixtures = [o for o in outcomes if not o.chained]
    proven = {}
    if with_corpus:
        proven.update({
            "files": len(files), "files that run": len(ran),
            "files that run after fixing": sum(o.after.startswith("ran") for o in ran),
            "files with an equal catalog": sum(o.catalog.startswith("equal") for o in ran),
            "files with an equal or explained catalog": sum(
                o.catalog.startswith(("equal", "explained")) for o in ran)})
    if fixtures:
        proven.update({
            "fixtures": len(fixtures), "fixtures that run": sum(o.before.endswith("ran") for o in fixtures),
            "fixtures that prove a fix": sum(o.proven for o in fixtures)})
    bad = sum(o.bad for o in outcomes)
    low = hold_floors("postgres", proven)
    print(f"oracle: postgres: {bad} files not as promised")
    sys.exit(1 if bad or low else 0)


def hold_floors(oracle, proven):
    """Says what was proven; was it less than floors.txt demands?"""
    low = False
    with open(os.path.join(HERE, "floors.txt"), encoding="utf-8") as file:
        floors = [line.split(maxsplit=2) for line in file if line.strip() and line[0] != "#"]
    floors = {what.strip(): int(floor) for of, floor, what in floors if of == oracle}
    for what, count in proven.items():
        floor = floors.get(what)
        if floor is None:
            fail(f"floors.txt has no line for {oracle}: {what}")
        low = low or count < floor
        print(f"oracle: {oracle}: {count} {what}, at least {floor}{' EXPECTED' if count < floor else ''}")
    return low


if __name__ == "__main__":
    main()
