#!/usr/bin/env python3
"""Django and Alembic projects go from models to checked and fixed SQL, through the pipes that the
README shows. Both ask a PostgreSQL server, which is started and stopped here.

    orm.py --program dsqlint --source CHECKOUT --build FOLDER --tools FOLDER
"""

import json
import os
import shutil
import sys
import tempfile

from tools import Skipped, arguments, orm_tools, read, run, run_cases, write

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle"))
from postgres import Server, server_folder  # noqa: E402

ARGUMENTS = arguments()
PROGRAM = ARGUMENTS.program


def check(sql, name):
    """The rules that a check finds, with their statuses."""
    done = run([PROGRAM, "check", "--no-config", "--format", "json", "--stdin-filename", name, "-"],
               expect=(0, 1), input=sql)
    return {each["rule"]: each for file in json.loads(done.stdout)["files"]
            for each in file["diagnostics"]}


def fixed(sql):
    done = run([PROGRAM, "fix", "--no-config", "-"], expect=(0, 1, 3), input=sql)
    return done.stdout


class Project:
    """A folder, a server and the tools, until the end of the `with`."""

    def __enter__(self):
        if server_folder() is None:
            raise Skipped("there is no PostgreSQL server")
        self.tools = orm_tools(ARGUMENTS.tools)
        self.folder = tempfile.mkdtemp(prefix="dsqlint-orm-")
        os.chmod(self.folder, 0o755)
        self.server = Server(self.folder, "server")
        return self

    def __exit__(self, *_):
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *command, **keywords):
        return run([os.path.join(self.tools, command[0]), *command[1:]],
                   cwd=os.path.join(self.folder, "project"), **keywords).stdout


SETTINGS = """
SECRET_KEY = "x"
INSTALLED_APPS = ["shop"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", "NAME": "postgres",
                         "USER": "postgres", "HOST": {host!r}}}}}
"""

DJANGO_MODELS = """
from django.db import models

class Customer(models.Model):
    name = models.CharField(max_length=200)
    email = models.EmailField(unique=True)

class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    placed = models.DateTimeField(db_index=True)
"""


def django():
    with Project() as project:
        os.mkdir(os.path.join(project.folder, "project"))
        write(os.path.join(project.folder, "project"), {
            "settings.py": SETTINGS.format(host=project.server.folder),
            "shop/__init__.py": "", "shop/models.py": DJANGO_MODELS})

        def admin(command, *more):
            return project.run("django-admin", command, "--settings", "settings",
                               "--pythonpath", ".", *more)

        admin("makemigrations", "shop")
        sql = admin("sqlmigrate", "shop", "0001")
        assert "CREATE TABLE" in sql, sql
        found = check(sql, "shop.0001.sql")
        assert "index_async" in found, sql
        after = fixed(sql)
        assert "ASYNC" in after.upper(), after
        left = check(after, "shop.0001.sql")
        assert all(each["status"] == "unfixable" for each in left.values()), (after, left)


ALEMBIC_MODELS = """
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table
metadata = MetaData()
Table("customer", metadata, Column("id", Integer, primary_key=True),
      Column("email", String(200), nullable=False, unique=True, index=True))
Table("placed", metadata, Column("id", Integer, primary_key=True),
      Column("customer_id", ForeignKey("customer.id"), nullable=False))
"""


def alembic():
    with Project() as project:
        folder = os.path.join(project.folder, "project")
        os.mkdir(folder)
        project.run("alembic", "init", "migrations")
        url = f"postgresql+psycopg://postgres@/postgres?host={project.server.folder}"
        settings = read(folder, "alembic.ini").splitlines()
        settings = [f"sqlalchemy.url = {url}" if line.startswith("sqlalchemy.url") else line
                    for line in settings]
        environment = read(folder, "migrations/env.py").replace(
            "target_metadata = None", "from models import metadata as target_metadata")
        write(folder, {"alembic.ini": "\n".join(settings), "models.py": ALEMBIC_MODELS,
                       "migrations/env.py": environment})
        project.run("alembic", "revision", "--autogenerate", "-m", "first")
        sql = project.run("alembic", "upgrade", "head", "--sql")
        assert "CREATE TABLE customer" in sql, sql
        found = check(sql, "upgrade.sql")
        assert "serial_type" in found and "index_async" in found, sql
        after = fixed(sql)
        left = check(after, "upgrade.sql")
        assert all(each["status"] == "unfixable" for each in left.values()), (after, left)


run_cases(django, alembic)
