#!/usr/bin/env python3
"""Migration tools run small projects of theirs on a PostgreSQL server, and what dsqlint says of the
same projects is held against what the server saw: which statements, and whose record, were committed
together, and in which order. What `dsqlint migrations --fix` makes of a project must run in its tool,
each statement in a transaction of its own.

    migration_tools.py --program dsqlint --source CHECKOUT --build FOLDER --tools FOLDER
"""

import json
import os
import re
import shutil
import socket
import sys
import tempfile

from tools import (Skipped, arguments, dbmate_tools, go_runner, java_runner, node_tools, orm_tools, read,
                   run, run_cases, write)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle"))
from postgres import Server, server_folder  # noqa: E402

ARGUMENTS = arguments()
TWO = ["CREATE TABLE a (i integer)", "CREATE TABLE b (i integer)"]
ONE = ["CREATE TABLE c (i integer)"]


def text_of(statements):
    return "".join(statement + ";\n" for statement in statements)


class Servers:
    """One server for all cases, made when first needed."""

    def __init__(self):
        self.folder = None
        self.server = None
        self.port = None

    def get(self):
        if server_folder() is None:
            raise Skipped("there is no PostgreSQL server")
        if self.server is None:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            self.folder = tempfile.mkdtemp(prefix="dsqlint-tools-")
            os.chmod(self.folder, 0o755)
            self.server = Server(self.folder, "server", port=self.port)
        return self.server

    def stop(self):
        if self.server is not None:
            self.server.stop()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


SERVERS = Servers()


class Target:
    """An empty database, as the clients of several languages name it."""

    def __init__(self):
        self.server = SERVERS.get()
        self.name = self.server.create()
        self.port = SERVERS.port
        self.folder = self.server.folder

    @property
    def url(self):
        return f"postgres://postgres@127.0.0.1:{self.port}/{self.name}?sslmode=disable"

    def seen(self, record):
        """Which transaction made each table and the tool's newest record, and the tables' order."""
        rows = self.server.query(
            self.name, "select relname, xmin::text, oid::bigint from pg_class"
            " where relname in ('a', 'b', 'c') and relkind = 'r' order by oid")
        made = {row["relname"]: row["xmin"] for row in rows}
        newest = self.server.query(self.name, record)
        made["record"] = newest[0]["xmin"] if newest else None
        return made, [row["relname"] for row in rows]

    def drop(self):
        self.server.drop(self.name)


def judged(folder, *more):
    """What dsqlint says: files in its order, and the messages about transactions."""
    done = run([ARGUMENTS.program, "migrations", "--no-config", "--format", "json", *more, "."],
               expect=(0, 1), cwd=folder)
    files = json.loads(done.stdout)["files"]
    messages = [each["message"] for file in files for each in file["diagnostics"]
                if each["rule"] in ("multi_ddl_transaction", "mixed_ddl_dml_transaction")]
    return [file["file"] for file in files], messages


def hold(name, project, migrate, record, fixable):
    """`project(migrations)` gives the files for a list of migrations, each a list of statements;
    `migrate(folder, target)` has the tool run them; `record` selects xmin of the newest record."""
    with tempfile.TemporaryDirectory() as work:
        for case, migrations in (("one", [ONE]), ("two", [TWO, ONE])):
            folder = os.path.join(work, case)
            os.mkdir(folder)
            write(folder, project(migrations))
            files, messages = judged(folder)
            target = Target()
            migrate(folder, target)
            made, order = target.seen(record)
            target.drop()
            said = (case, files, messages, made)
            assert "c" in made and made["record"], said
            if case == "one":
                own = any("own record" in message for message in messages)
                assert own == (made["c"] == made["record"]), said
            else:
                # What all files have in common is told at the first of them.
                all_in_one = any("before this file" in message or "runs all pending files" in message
                                 for message in messages)
                together = all_in_one or any("2 DDL statements" in each for each in messages)
                assert together == (made["a"] == made["b"]), said
                assert all_in_one == (made["a"] == made["c"]), said
                # The tables came in the order in which dsqlint reads the files.
                holding = {table: next(i for i, file in enumerate(files) if statements_in(
                    folder, file, f"CREATE TABLE {table} ")) for table in "abc"}
                assert [holding[table] for table in order] == sorted(holding.values()), (said, order)

            done = run([ARGUMENTS.program, "migrations", "--no-config", "--fix", "."],
                       expect=(0, 1, 3), cwd=folder)
            if not fixable:
                assert done.returncode == 1, (said, done.stdout, done.stderr)
                continue
            assert done.returncode == (3 if messages else 0), (said, done.stdout, done.stderr)
            target = Target()
            migrate(folder, target)
            fixed, _ = target.seen(record)
            target.drop()
            assert len(set(fixed.values())) == len(fixed), (case, fixed)
            assert judged(folder)[1] == [], (case, fixed)
    print(f"integration: {name}: transactions and order as the tool makes them"
          f"{'' if fixable else '; no file of its can do otherwise'}")


def statements_in(folder, file, text):
    return text in read(folder, file)


# --- Go --------------------------------------------------------------------------------------------

def through_go(tool, directory="."):
    runner = go_runner(ARGUMENTS.tools)

    def migrate(folder, target):
        run([runner, tool, os.path.join(folder, directory), target.url])
    return migrate


def goose():
    def project(migrations):
        # Numbers, not names, are the order.
        names = ["2_tables.sql", "10_more.sql"]
        return {name: "-- +goose Up\n" + text_of(statements) + "-- +goose Down\nSELECT 1;\n"
                for name, statements in zip(names, migrations)}
    hold("goose", project, through_go("goose"),
         "select xmin::text from goose_db_version order by id desc limit 1", fixable=True)


def sql_migrate():
    def project(migrations):
        names = ["2_tables.sql", "10_more.sql"]
        return {name: "-- +migrate Up\n" + text_of(statements) + "-- +migrate Down\nSELECT 1;\n"
                for name, statements in zip(names, migrations)}
    hold("sql-migrate", project, through_go("sql-migrate"),
         "select xmin::text from gorp_migrations order by applied_at desc limit 1", fixable=True)


def golang_migrate():
    def project(migrations):
        names = ["2_tables.up.sql", "10_more.up.sql"]
        files = {name: text_of(statements) for name, statements in zip(names, migrations)}
        files["go.mod"] = "require github.com/golang-migrate/migrate/v4 v4.18.3\n"
        return files
    hold("golang-migrate", project, through_go("golang-migrate"),
         "select xmin::text from schema_migrations", fixable=True)


def tern():
    def project(migrations):
        files = {f"m/{i + 1:03}_tables.sql": text_of(statements) +
                 "---- create above / drop below ----\nSELECT 1;\n"
                 for i, statements in enumerate(migrations)}
        files["tern.conf"] = "[database]\n"
        return files
    hold("tern", project, through_go("tern", "m"), "select xmin::text from public.schema_version",
         fixable=True)


def atlas_sum():
    """Atlas accepts the list that a fix has written."""
    runner = go_runner(ARGUMENTS.tools)
    with tempfile.TemporaryDirectory() as folder:
        write(folder, {"20240101000000_a.sql": text_of(TWO), "20240102000000_é.sql": text_of(ONE),
                       "20240103000000_left_out.sql": "-- atlas:sum ignore\n\nSELECT 1;\n"})
        run([runner, "atlas-hash", folder, ""])
        run([runner, "atlas-validate", folder, ""])
        before = read(folder, "atlas.sum")
        run([ARGUMENTS.program, "migrations", "--no-config", "--fix", "."], expect=3, cwd=folder)
        after = read(folder, "atlas.sum")
        assert before != after
        run([runner, "atlas-validate", folder, ""])
        run([runner, "atlas-hash", folder, ""])
        assert read(folder, "atlas.sum") == after
        write(folder, {"20240101000000_a.sql": text_of(ONE)})
        run([runner, "atlas-validate", folder, ""], expect=1)
        done = run([ARGUMENTS.program, "migrations", "--no-config", "."], expect=1, cwd=folder)
        assert "migration_checksum_mismatch" in done.stdout, done.stdout


# --- Node ------------------------------------------------------------------------------------------

def through_node(script):
    """A script that is given the folder and the address."""
    if shutil.which("node") is None:
        raise Skipped("there is no node")
    binaries = node_tools(ARGUMENTS.tools)
    home = os.path.dirname(os.path.dirname(binaries))

    def migrate(folder, target):
        write(home, {"run.cjs": script})
        run(["node", os.path.join(home, "run.cjs"), folder, target.url])
    return migrate


def knex():
    def project(migrations):
        # Names, not numbers, are the order.
        names = ["2_tables.js", "10_more.js"]
        files = {"migrations/" + name: "exports.up = async (knex) => {\n" + "".join(
            f"  await knex.raw('{statement}');\n" for statement in statements) +
            "};\nexports.down = async (knex) => {};\n" for name, statements in zip(names, migrations)}
        files["knexfile.js"] = "module.exports = {client: 'pg'};\n"
        return files
    hold("Knex", project, through_node("""
const knex = require('knex')({client: 'pg', connection: process.argv[3]});
knex.migrate.latest({directory: process.argv[2] + '/migrations'})
  .finally(() => knex.destroy()).catch((e) => { console.error(e); process.exit(1); });
"""), "select xmin::text from knex_migrations order by id desc limit 1", fixable=True)


def node_pg_migrate():
    def project(migrations):
        names = ["2_tables.sql", "10_more.sql"]
        return {"migrations/" + name: "-- Up Migration\n" + text_of(statements)
                for name, statements in zip(names, migrations)} | {
                    "package.json": '{"dependencies": {"node-pg-migrate": "^8"}}\n'}
    if shutil.which("node") is None:
        raise Skipped("there is no node")
    binaries = node_tools(ARGUMENTS.tools)

    def migrate(folder, target):
        run([os.path.join(binaries, "node-pg-migrate"), "up"], cwd=folder,
            env=dict(os.environ, DATABASE_URL=target.url))
    record = "select xmin::text from pgmigrations order by id desc limit 1"
    hold("node-pg-migrate", project, migrate, record, fixable=False)

    # What the help says instead: the same name, as a program.
    with tempfile.TemporaryDirectory() as folder:
        write(folder, {"migrations/2_tables.js": "exports.up = (pgm) => {\n  pgm.noTransaction();\n" +
                       "".join(f"  pgm.sql('{statement}');\n" for statement in TWO + ONE) + "};\n",
                       "package.json": project([])["package.json"]})
        assert judged(folder)[1] == []
        target = Target()
        migrate(folder, target)
        made, _ = target.seen(record)
        target.drop()
        assert len(set(made.values())) == 4, made


def drizzle():
    def project(migrations):
        # The journal, not the names, is the order.
        tags = ["0001_tables", "0000_more"]
        files = {f"drizzle/{tag}.sql": "--> statement-breakpoint\n".join(
            statement + ";\n" for statement in statements) for tag, statements in zip(tags, migrations)}
        files["drizzle/meta/_journal.json"] = json.dumps(
            {"version": "7", "dialect": "postgresql", "entries": [
                {"idx": i, "version": "7", "when": 1 + i, "tag": tags[i], "breakpoints": True}
                for i in range(len(migrations))]})
        files["drizzle.config.ts"] = "export default {};\n"
        return files
    hold("Drizzle", project, through_node("""
const {drizzle} = require('drizzle-orm/node-postgres');
const {migrate} = require('drizzle-orm/node-postgres/migrator');
const pool = new (require('pg').Pool)({connectionString: process.argv[3]});
migrate(drizzle(pool), {migrationsFolder: process.argv[2] + '/drizzle'})
  .finally(() => pool.end()).catch((e) => { console.error(e); process.exit(1); });
"""), "select xmin::text from drizzle.__drizzle_migrations order by id desc limit 1", fixable=False)

    # What the help says instead: each query by itself.
    apart = through_node("""
const {drizzle} = require('drizzle-orm/pg-proxy');
const {migrate} = require('drizzle-orm/pg-proxy/migrator');
const client = new (require('pg').Client)({connectionString: process.argv[3]});
const db = drizzle(async (text, values, method) => {
  const done = await client.query({text, values, rowMode: method === 'all' ? 'array' : undefined});
  return {rows: done.rows};
});
client.connect().then(() => migrate(db, async (queries) => {
  for (const query of queries) await client.query(query);
}, {migrationsFolder: process.argv[2] + '/drizzle'}))
  .finally(() => client.end()).catch((e) => { console.error(e); process.exit(1); });
""")
    with tempfile.TemporaryDirectory() as folder:
        files = project([TWO, ONE])
        files["drizzle/0001_tables.sql"] = text_of(TWO)  # one chunk, one message
        write(folder, files)
        messages = judged(folder, "--transaction", "statement")[1]
        assert len(messages) == 1 and "between two breakpoints" in messages[0], messages
        run([ARGUMENTS.program, "migrations", "--no-config", "--transaction", "statement", "--fix", "."],
            expect=3, cwd=folder)
        target = Target()
        apart(folder, target)
        made, _ = target.seen(
            'select xmin::text from drizzle.__drizzle_migrations order by id desc limit 1')
        target.drop()
        assert len(set(made.values())) == 4, made


def typeorm():
    def project(migrations):
        names = ["1700000000000-Tables", "1700000000001-More"]
        files = {}
        for name, statements in zip(names, migrations):
            title = "".join(reversed(name.split("-")))
            files[f"migrations/{name}.js"] = (
                f"module.exports = class {title} {{\n  name = '{title}';\n"
                "  async up(queryRunner) {\n" + "".join(
                    f"    await queryRunner.query(`{statement}`);\n" for statement in statements) +
                "  }\n  async down(queryRunner) {}\n};\n")
        files["package.json"] = '{"dependencies": {"typeorm": "*"}}\n'
        return files
    hold("TypeORM", project, through_node("""
const {DataSource} = require('typeorm');
const {readdirSync} = require('fs');
const folder = process.argv[2] + '/migrations/';
const source = new DataSource({type: 'postgres', url: process.argv[3],
  migrations: readdirSync(folder).map((name) => require(folder + name))});
source.initialize().then(() => source.runMigrations()).finally(() => source.destroy())
  .catch((e) => { console.error(e); process.exit(1); });
"""), "select xmin::text from migrations order by id desc limit 1", fixable=False)


def dbmate():
    binaries = dbmate_tools(ARGUMENTS.tools)

    def project(migrations):
        names = ["2_tables.sql", "10_more.sql"]
        return {"db/migrations/" + name: "-- migrate:up\n" + text_of(statements) + "-- migrate:down\n"
                for name, statements in zip(names, migrations)}

    def migrate(folder, target):
        run([os.path.join(binaries, "dbmate"), "--url", target.url, "--no-dump-schema", "migrate"],
            cwd=folder)
    hold("dbmate", project, migrate,
         "select xmin::text from schema_migrations order by xmin::text::bigint desc limit 1",
         fixable=True)


# --- Python ----------------------------------------------------------------------------------------

def django():
    tools = orm_tools(ARGUMENTS.tools)

    def project(migrations):
        files = {"shop/__init__.py": "", "shop/migrations/__init__.py": "", "manage.py": ""}
        for i, statements in enumerate(migrations):
            after = [f'("shop", "{i:04}_more")'] if i else []
            files[f"shop/migrations/{i + 1:04}_more.py"] = (
                "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
                f"    dependencies = [{', '.join(after)}]\n    operations = [" + ", ".join(
                    f'migrations.RunSQL("{statement}")' for statement in statements) + "]\n")
        return files

    def migrate(folder, target):
        write(folder, {"settings.py": (
            'SECRET_KEY = "x"\nINSTALLED_APPS = ["shop"]\nDATABASES = {"default": {"ENGINE": '
            f'"django.db.backends.postgresql", "NAME": "{target.name}", "USER": "postgres", "HOST": '
            f'"127.0.0.1", "PORT": "{target.port}"}}}}\n')})
        run([os.path.join(tools, "django-admin"), "migrate", "--settings", "settings",
             "--pythonpath", "."], cwd=folder)
    hold("Django", project, migrate,
         "select xmin::text from django_migrations order by id desc limit 1", fixable=True)


def alembic():
    tools = orm_tools(ARGUMENTS.tools)

    def project(migrations):
        # The chain, not the names, is the order.
        names = ["z", "a"]
        files = {"alembic.ini": "[alembic]\nscript_location = alembic\n", "alembic/env.py": """
import os
from alembic import context
from sqlalchemy import create_engine
with create_engine(os.environ["URL"]).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
""", "alembic/script.py.mako": ""}
        for i, statements in enumerate(migrations):
            before = repr(names[i - 1]) if i else "None"
            files[f"alembic/versions/{names[i]}.py"] = (
                f"from alembic import op\nrevision = '{names[i]}'\ndown_revision = {before}\n\n\n"
                "def upgrade():\n" + "".join(
                    f'    op.execute("{statement}")\n' for statement in statements))
        return files

    def migrate(folder, target):
        url = target.url.replace("postgres://", "postgresql+psycopg://")
        run([os.path.join(tools, "alembic"), "upgrade", "head"], cwd=folder,
            env=dict(os.environ, URL=url))
    record = "select xmin::text from alembic_version"
    hold("Alembic", project, migrate, record, fixable=False)

    # What the help says instead.
    with tempfile.TemporaryDirectory() as folder:
        files = project([TWO, ONE])
        for name in list(files):
            if name.startswith("alembic/versions/"):
                files[name] = files[name].replace(
                    "    op.execute", "    with op.get_context().autocommit_block():\n        op.execute")
        write(folder, files)
        assert judged(folder)[1] == []
        target = Target()
        migrate(folder, target)
        made, _ = target.seen(record)
        target.drop()
        assert len(set(made.values())) == 4, made


# --- Java ------------------------------------------------------------------------------------------

def through_java(tool):
    home = java_runner(ARGUMENTS.tools)

    def migrate(folder, target):
        return run(["java", "-XX:TieredStopAtLevel=1", "-cp", f"{home}/lib/*:{home}", "MigrationTools",
                    tool, folder, f"jdbc:postgresql://127.0.0.1:{target.port}/{target.name}"], cwd=folder).stdout
    return migrate


def flyway():
    def project(migrations):
        # Versions are compared part by part.
        names = ["V1_2__tables.sql", "V1_10__more.sql"]
        files = {"sql/" + name: text_of(statements) for name, statements in zip(names, migrations)}
        files["flyway.conf"] = "flyway.locations=filesystem:sql\n"
        return files
    hold("Flyway", project, through_java("flyway"),
         "select xmin::text from flyway_schema_history order by installed_rank desc limit 1",
         fixable=True)


def liquibase():
    def project(migrations):
        # The root changelog is the order; a changeset in SQL, and one in XML.
        files = {"root.xml": '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"'
                 ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation='
                 '"http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/'
                 'dbchangelog/dbchangelog-latest.xsd">' + "".join(
                     f'<include file="{name}"/>' for name in ["z.sql", "a.xml"][:len(migrations)]) +
                 "</databaseChangeLog>\n",
                 "z.sql": "--liquibase formatted sql\n--changeset x:1\n" + text_of(migrations[0])}
        if len(migrations) > 1:
            files["a.xml"] = files["root.xml"].split("<include")[0] + (
                '\n<changeSet id="2" author="x">\n' + "".join(
                    f"<sql>{statement}</sql>\n" for statement in migrations[1]) +
                "</changeSet>\n</databaseChangeLog>\n")
        return files
    hold("Liquibase", project, through_java("liquibase"),
         "select xmin::text from databasechangelog order by orderexecuted desc limit 1", fixable=True)


# --- Real migrations -------------------------------------------------------------------------------

DDL = re.compile(r"^(?:CREATE|ALTER|DROP) (?:UNIQUE )?(?:TABLE|INDEX|TYPE)\b", re.M | re.I)


def corpus(name):
    """A project's migrations: name and text, by name."""
    folder = os.path.join(os.environ.get("DSQLINT_CORPUS", ""), name)
    if "DSQLINT_CORPUS" not in os.environ or not os.path.isdir(folder):
        raise Skipped("there is no DSQLINT_CORPUS with " + name)
    return {file: read(folder, file) for file in sorted(os.listdir(folder)) if file.endswith(".sql")}


def in_one_message(folder, holding):
    """The files that hold several DDL statements in what runs them together."""
    done = run([ARGUMENTS.program, "migrations", "--no-config", "--format", "json", "."],
               expect=1, cwd=folder)
    files = json.loads(done.stdout)["files"]
    return [file["file"] for file in files], {
        file["file"] for file in files for each in file["diagnostics"]
        if each["rule"] == "multi_ddl_transaction" and holding in each["message"]}


def prisma_projects():
    """Prisma's own engine comes from nowhere but its makers' server, so it is not asked here."""
    for name in ("langfuse", "umami"):
        texts = {file: text for file, text in corpus(name).items() if file[0].isdigit()}
        with tempfile.TemporaryDirectory() as folder:
            path = "prisma/migrations/{}/migration.sql"
            write(folder, {path.format(file[:-4]): text for file, text in texts.items()})
            write(folder, {"prisma/schema.prisma": "", "prisma/migrations/migration_lock.toml": ""})
            order, several = in_one_message(folder, "the message in which Prisma sends this file")
            assert order == [path.format(file[:-4]) for file in sorted(texts)], order
            wanted = {path.format(file[:-4]) for file, text in texts.items()
                      if len(DDL.findall(text)) > 1 and not re.search(r"^BEGIN", text, re.M | re.I)}
            assert wanted and wanted <= several, wanted - several


def drizzle_project():
    texts = corpus("vercel-ai-chatbot")
    with tempfile.TemporaryDirectory() as folder:
        tags = [file[:-4] for file in texts]
        write(folder, {f"lib/db/migrations/{file}": text for file, text in texts.items()})
        write(folder, {"drizzle.config.ts": "", "lib/db/migrations/meta/_journal.json": json.dumps(
            {"entries": [{"idx": i, "when": 1 + i, "tag": tag} for i, tag in enumerate(tags)]})})
        order, several = in_one_message(folder, "the transaction in which Drizzle runs all pending")
        assert order == [f"lib/db/migrations/{tag}.sql" for tag in tags], order
        # All are one transaction, so every file with DDL after the first statement is wrong: the
        # first says of how many that holds.
        wrong = [f"lib/db/migrations/{file}" for file, text in texts.items() if DDL.search(text)]
        assert several == {wrong[0]}, several
        done = run([ARGUMENTS.program, "migrations", "--no-config", "."], expect=1, cwd=folder)
        assert f", in {len(wrong)} files" in done.stdout, done.stdout


def flyway_project():
    texts = corpus("kestra")
    with tempfile.TemporaryDirectory() as folder:
        write(folder, {"sql/" + file: text for file, text in texts.items()})
        write(folder, {"flyway.conf": ""})
        order, several = in_one_message(folder, "the transaction in which Flyway runs this file")
        assert several, order
        target = Target()
        own = through_java("flyway-order")(folder, target).split()
        target.drop()
        assert [os.path.basename(file) for file in order] == own, (order, own)


try:
    run_cases(goose, sql_migrate, golang_migrate, tern, atlas_sum, knex, node_pg_migrate, drizzle,
              typeorm, dbmate, django, alembic, flyway, liquibase, prisma_projects, drizzle_project,
              flyway_project)
finally:
    SERVERS.stop()
