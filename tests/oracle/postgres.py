#!/usr/bin/env python3
"""The PostgreSQL oracle: a file that runs on a real server still runs after fixing, and the catalog
and the rows it makes are the same, except where a finding said so.

    postgres.py --tool PROGRAM [--details] [--alone FOLDER]… [FOLDER|FILE]…

PROGRAM is dsqlint_fixed_for_postgres. Servers are started here, in a temporary folder, reachable by
socket only, and stopped however this ends. Each folder's files are tried in the order of their
names on a database that holds what the earlier ones made, as migrations are, then on an empty one;
files of --alone folders have nothing to do with each other. The folder that the environment
variable DSQLINT_CORPUS names is added.

What counts as explained: EXPLAINS says which differences a rule's fix may make; a difference of the
table, column, constraint … X is explained when such a fix touched a statement that names X.
"""

import argparse
import concurrent.futures
import fnmatch
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True  # nothing is left in the source folder
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from explains import EXPLAINS  # noqa: E402  (the table is a file of its own)

ERROR = re.compile(r"^psql:[^\n]*?:(\d+): (?:ERROR|FATAL|error):\s+(.*)$", re.M)
# Errors that a statement meets in an empty database, transaction or not.
ANYWHERE = re.compile(r"ERROR:  (syntax error|.* does not exist$)", re.M)
ENDS_TRANSACTION = re.compile(rb"\b(commit|rollback|abort|end\s*(;|work\b|transaction\b))|\\c", re.I)
MISSING_ROLE = re.compile(r'role "([^"]+)" does not exist')
# Commands about databases are the server's business, not the schema's: both sides go without.
DATABASE = re.compile(
    r"^[ \t]*(?:(?:create|drop)\s+database\b[^;]*;|alter\s+database\b[^;]*;|\\c(?:onnect)?\b.*)[ \t]*$",
    re.I | re.M,
)
# Who runs the files. Some take the rights of `postgres` away, and those that come after need them.
OVERSEER = "overseer"
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
        self.psql("postgres", "create database scratch template empty")

    def stop(self):
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
        done = subprocess.run(
            ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"],
            input=sql.encode(), capture_output=True, env=self.environment, cwd=self.scratch)
        if check and done.returncode != 0:
            raise RuntimeError(done.stderr.decode(errors="replace"))
        return done

    def query(self, database, sql):
        out = self.psql(database, f"select coalesce(json_agg(q), '[]') from ({sql}) q").stdout
        return json.loads(out)

    def all_roles(self):
        rows = self.query("postgres", "select rolname from pg_roles where rolname !~ '^pg_'")
        return {row["rolname"] for row in rows}

    def foreign_databases(self):
        """Those that files have made."""
        rows = self.query("postgres", "select datname from pg_database where datname !~ "
                          "'^(db[0-9]+|empty|scratch|postgres|template[01])$'")
        return {row["datname"] for row in rows}

    def create(self, base=None):
        self.made += 1
        name = f"db{self.made}"
        self.psql("postgres", f"create database {name} template {base or 'empty'}")
        return name

    def drop(self, database):
        self.psql("postgres", f"drop database if exists {database} with (force)", check=False)
        # Roles and databases belong to the whole server: those the file made must not meet the next
        # run.
        if self.makes_databases:
            for name in self.foreign_databases():
                self.psql("postgres", f"drop database {quote(name)} with (force)", check=False)
        if self.makes_roles:
            for role in self.all_roles() - self.roles:
                self.psql("postgres", f"drop role {quote(role)}", check=False)

    def load(self, database, text):
        """Runs a text as `psql -f` does; gives the errors as (line, message)."""
        path = os.path.join(self.scratch, "file.sql")
        with open(path, "wb") as file:
            file.write(text)
        try:
            done = subprocess.run(["psql", "-Xq", "-d", database, "-f", path],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, env=self.environment, cwd=self.scratch,
                                  timeout=120)
        except subprocess.TimeoutExpired:
            return [(0, "took longer than two minutes")]
        told = done.stderr.decode(errors="replace")
        return [(int(line), message) for line, message in ERROR.findall(told)]

    def surely_fails(self, text):
        """Does it fail wherever it runs? Tried in a transaction, so that no database has to be made;
        False where that does not tell."""
        if ENDS_TRANSACTION.search(text):
            return False
        path = os.path.join(self.scratch, "file.sql")
        with open(path, "wb") as file:
            file.write(text)
        try:
            done = subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", "scratch", "-c", "begin",
                                   "-f", path, "-c", "rollback"],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, env=self.environment, cwd=self.scratch,
                                  timeout=120)
        except subprocess.TimeoutExpired:
            return False
        told = done.stderr.decode(errors="replace")
        return done.returncode == 3 and bool(ANYWHERE.search(told)) and not MISSING_ROLE.search(told)

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
    """May a fix that touched a statement naming the object make this difference?"""
    kind, _, attribute = key
    for finding in findings:
        patterns = EXPLAINS.get(finding["rule"], ())
        if not any(fnmatch.fnmatchcase(f"{kind} {attribute}", pattern) for pattern in patterns):
            continue
        if not names or names & finding["names"]:
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


def try_before(server, text, bases):
    """Loads the text on the first base where it runs; (base, database, errors)."""
    best = None
    for base in bases:
        database = server.create(base)
        errors = server.load(database, text)
        missing = {m.group(1) for _, told in errors for m in MISSING_ROLE.finditer(told)}
        if missing:
            # A dump speaks of its owners as if they were there.
            server.drop(database)
            for role in missing - server.all_roles():
                server.psql("postgres", f"create role {quote(role)}", check=False)
            server.roles |= missing
            database = server.create(base)
            errors = server.load(database, text)
        if best is not None:
            server.drop(database if len(best[2]) <= len(errors) else best[1])
        if best is None or len(errors) < len(best[2]):
            best = (base, database, errors)
        if not errors:
            break
    return best


def examine(server, tool, path, label, bases, chained):
    """One file; gives the outcome and the database it made where that ran."""
    outcome = Outcome(label, chained)
    done = subprocess.run([tool, path], capture_output=True)
    if done.returncode != 0:
        outcome.note("the fixer fails: " + done.stderr.decode(errors="replace").strip())
        return outcome, None
    told = json.loads(done.stdout)
    findings = [{**f, "names": set(f["names"])} for f in told["findings"]]
    text = without_databases(told["source"].encode())
    fixed = without_databases(told["fixed"].encode())

    server.makes_databases = bool(re.search(rb"\bdatabase\b", text, re.I))
    server.makes_roles = bool(re.search(rb"\b(role|user|group)\b", text, re.I))
    # Nothing is promised of a fragment that does not run.
    if not chained and not told["unreadable"] and server.surely_fails(text):
        outcome.before = "errors"
        return outcome, None
    base, first, errors = try_before(server, text, bases)
    outcome.before = "ran" if not errors else f"{len(errors)} errors"
    for line, message in errors[:20]:
        outcome.note(f"source, line {line}: {message}", bad=False)
    lines = {line for line, _ in errors}
    for line in told["unreadable"]:
        if line not in lines and 0 not in lines:
            # What stands in a branch of \if that is not taken was never sent.
            outcome.note(f"line {line}: parse_error, but the server has no objection",
                         bad=b"\\if" not in text)
    if errors and not chained:
        server.drop(first)
        return outcome, None
    if not told["changed"]:
        outcome.after, outcome.catalog = outcome.before, "equal (nothing to fix)"
        return outcome, keep(server, first, not errors and chained)
    known = server.snapshot(first)
    server.drop(first)

    second = server.create(base)
    after_errors = server.load(second, fixed)
    after = server.snapshot(second)
    server.drop(second)
    known_errors = {message for _, message in errors}
    new = [(line, message) for line, message in after_errors
           if message not in known_errors and not announced(message, findings)]
    if not after_errors:
        outcome.after = "ran"
    elif not new and not errors:
        outcome.after = "ran as announced"
    else:
        outcome.after = f"{len(after_errors)} errors" + (f", {len(new)} new" if new else "")
    for line, message in new:
        outcome.note(f"fixed text, line {line}: {message}", bad=not errors)

    rules, unexplained = {}, []
    for key in sorted(set(known) | set(after)):
        was, is_now = known.get(key), after.get(key)
        if (was and was[0]) == (is_now and is_now[0]):
            continue
        rule = explained(key, set((was or is_now)[1] or ()) - {None}, findings)
        if rule is not None:
            rules[rule] = rules.get(rule, 0) + 1
        else:
            unexplained.append(key)

    third = None
    if unexplained or (chained and not errors):
        third = server.create(base)
        server.load(third, text)
    if unexplained:
        # now(), random() and the like differ from run to run.
        again = server.snapshot(third)
        unexplained = [key for key in unexplained if known.get(key) == again.get(key)]
    for key in unexplained:
        was, is_now = (side.get(key, (None,))[0] for side in (known, after))
        outcome.note(f"{' '.join(key)}: {was!r} → {is_now!r}", bad=not errors)
    if unexplained:
        outcome.catalog = f"{len(unexplained)} UNEXPLAINED"
    elif rules:
        outcome.catalog = "explained: " + ", ".join(f"{r} {n}" for r, n in sorted(rules.items()))
    else:
        outcome.catalog = "equal"
    return outcome, keep(server, third, not errors and chained)


def keep(server, database, wanted):
    """The database for later files to build on, or None when it is dropped."""
    if database is None or wanted:
        return database
    server.drop(database)
    return None


def examine_folder(server, tool, files, chained):
    """The files of one folder in order; a second round for those that need a later one."""
    outcomes, bases, waiting = {}, [None], []
    for round_number in (1, 2):
        for path, label in (files if round_number == 1 else waiting):
            if STOP.is_set():
                return []
            chain = bases[::-1][:3] + ([None] if len(bases) > 3 else [])
            outcome, database = examine(server, tool, path, label, chain, chained)
            outcomes[label] = outcome
            if database is not None:
                bases.append(database)
            elif round_number == 1 and chained and outcome.before != "ran":
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
    if os.path.isdir(os.environ.get("DSQLINT_CORPUS", "")):
        options.paths.append(os.environ["DSQLINT_CORPUS"])
    else:
        print("no corpus (DSQLINT_CORPUS): only what is named is run")
    alone = collect(options.alone)
    folders = {**collect(options.paths), **alone}
    if not folders:
        fail("no .sql file in " + " ".join(options.paths + options.alone))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    # Thousands of small files are made and dropped: in memory where there is plenty.
    memory = "/dev/shm" if os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > 4 << 30 else None
    temporary = tempfile.mkdtemp(prefix="dsqlint-oracle-", dir=memory)
    os.chmod(temporary, 0o755)
    servers = []
    try:
        workers = min(len(folders), os.cpu_count() or 1, 4)
        servers += [Server(temporary, f"server{i}") for i in range(workers)]
        free = list(servers)
        lock = threading.Lock()

        def work(folder):
            with lock:
                server = free.pop()
            try:
                return examine_folder(server, options.tool, folders[folder], folder not in alone)
            finally:
                with lock:
                    free.append(server)

        # The longest first, so that no server ends up alone with it.
        order = sorted(folders, key=lambda f: -sum(os.path.getsize(p) for p, _ in folders[f]))
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            try:
                outcomes = [o for result in pool.map(work, order) for o in result]
            finally:
                STOP.set()
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(temporary, ignore_errors=True)
    report(sorted(outcomes, key=lambda o: o.path), options.details)


def report(outcomes, details):
    # Fixtures are fragments: of those that do not run there is nothing to say.
    shown = [o for o in outcomes if o.chained or o.bad or o.before == "ran"]
    width = max(len(o.path) for o in shown)
    print(f"{'file':{width}}  {'before':12} {'after':22} catalog and rows")
    for o in shown:
        print(f"{o.path:{width}}  {o.before:12} {o.after:22} {o.catalog}")
        if o.bad or details:
            print("".join(f"    {line}\n" for line in o.details), end="")
    ran = [o for o in outcomes if o.before == "ran"]
    print(f"oracle: {len(outcomes)} files, {len(ran)} ran before, {sum(o.after.startswith('ran') for o in ran)} of them after; "
          f"catalog equal in {sum(o.catalog.startswith('equal') for o in ran)}, explained in "
          f"{sum(o.catalog.startswith('explained') for o in ran)}; {sum(o.bad for o in outcomes)} not as promised")
    sys.exit(1 if any(o.bad for o in outcomes) else 0)


if __name__ == "__main__":
    main()
