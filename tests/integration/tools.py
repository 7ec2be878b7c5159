"""What the integration tests share: other people's tools, from the ordinary package clients into
a folder of ours, and running programs."""

import argparse
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True  # nothing is left in the source folder


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
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **keywords)
    codes = expect if isinstance(expect, tuple) else (expect,)
    if done.returncode not in codes:
        raise AssertionError(
            f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done


MISSED = set()  # what could not be installed; the next case need not wait for it again


def install(folder, what, *commands, name=None, timeout=300):
    """Runs the commands once; a stamp says what is there. `name` is what to call it."""
    if folder in MISSED:
        raise Skipped(f"{name or what} cannot be installed")
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
            raise Skipped(f"{name or what}: there is no {command[0]}") from None
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            MISSED.add(folder)
            raise Skipped(f"{name or what} cannot be installed") from None
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


def go_tool(tools, name, package, version):
    folder = os.path.join(tools, name)
    install(folder, f"{package}@{version}", ["go", "mod", "init", "tools"],
            ["go", "get", "-tool", f"{package}@{version}"],
            ["env", "GOBIN=" + folder, "go", "install", package])
    return os.path.join(folder, name)


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
    """Runs each case: a function. One that cannot be run here says so in a line."""
    failed = False
    for case in cases:
        try:
            case()
            print(f"integration: {case.__name__}: passed")
        except Skipped as why:
            print(f"integration: {case.__name__}: skipped: {why}")
        except AssertionError as problem:
            print(f"integration: {case.__name__}: failed: {problem}")
            failed = True
    sys.exit(1 if failed else 0)
