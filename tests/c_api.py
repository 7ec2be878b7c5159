#!/usr/bin/env python3
"""The C API from Python: the snippet of the README, the same bytes as the program for every fixture,
big texts, and what the library exports.

    c_api.py --program dsqlint --library libdsqlint.so --source CHECKOUT
"""

import argparse
import concurrent.futures
import contextlib
import ctypes
import io
import json
import os
import re
import subprocess

PARSER = argparse.ArgumentParser()
for FLAG in ("--program", "--library", "--source"):
    PARSER.add_argument(FLAG, required=True, type=os.path.abspath)
ARGUMENTS = PARSER.parse_args()


def snippet():
    """The README's, as a namespace, and what it has printed."""
    with open(os.path.join(ARGUMENTS.source, "README.md"), encoding="utf-8") as file:
        section = file.read().split("\n## From programs\n")[1]
    code = section.split("```python\n")[1].split("```")[0]
    assert "libdsqlint.so.0" in code, code
    namespace = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code.replace("libdsqlint.so.0", ARGUMENTS.library), namespace)
    return namespace, printed.getvalue()


README, PRINTED = snippet()
LIBRARY, HANDLE = README["lib"], README["handle"]
LIBRARY.dsqlint_size.restype = ctypes.c_size_t
LIBRARY.dsqlint_version.restype = ctypes.c_char_p


def answer(function, request):
    """Status and bytes."""
    text = json.dumps(request).encode() if isinstance(request, dict) else request
    result = ctypes.c_void_p(function(HANDLE, text, ctypes.c_size_t(len(text))))
    try:
        text = LIBRARY.dsqlint_text(result)
        assert len(text) == LIBRARY.dsqlint_size(result)
        return LIBRARY.dsqlint_status(result), text
    finally:
        LIBRARY.dsqlint_free(result)


def program(*arguments):
    """Exit code and bytes."""
    done = subprocess.run([ARGUMENTS.program, *arguments], stdout=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, cwd=ARGUMENTS.source, check=False)
    return done.returncode, done.stdout


def readme():
    offset_and_rule, fixed = PRINTED.splitlines()
    assert offset_and_rule == "19 serial_type", PRINTED
    assert fixed.startswith("create table t (id bigint") and "identity" in fixed, PRINTED


def catalogue():
    assert LIBRARY.dsqlint_version().decode() == program("--version")[1].decode().split()[1]
    assert answer(LIBRARY.dsqlint_explain, {}) == program("rules", "--format", "json")
    page = json.loads(answer(LIBRARY.dsqlint_explain, {"rule": "serial_type"})[1])["page"]
    assert page == program("explain", "serial_type")[1].decode()


def histories():
    """Folders of fixtures, and their files alone."""
    top = os.path.join(ARGUMENTS.source, "tests", "fixtures")
    for folder, _, names in sorted(os.walk(top)):
        files = [os.path.relpath(os.path.join(folder, name), ARGUMENTS.source)
                 for name in sorted(names) if name.endswith(".sql")]
        files = [name for name in files
                 if not name.endswith((".fixed.sql", ".translated.sql"))]
        if files:
            yield files
    examples = os.path.join(ARGUMENTS.source, "examples")
    for name in sorted(os.listdir(examples)):
        if name.endswith(".sql"):
            yield [os.path.join("examples", name)]


def same_bytes(files):
    """Does the library say of the files what the program says? None: JSON cannot hold their bytes."""
    dialect = "mysql" if "fixtures/mysql" in files[0] else "postgres"
    common = ["--no-config", "--format", "json", "--dialect", dialect, *files]
    checked = program("check", *common)
    documents = []
    for entry in json.loads(checked[1])["files"]:
        try:
            with open(os.path.join(ARGUMENTS.source, entry["file"]), encoding="utf-8",
                      newline="") as file:
                documents.append({"name": entry["file"], "text": file.read()})
        except UnicodeDecodeError:
            return None
    request = {"documents": documents, "dialect": dialect}
    for function, said in ((LIBRARY.dsqlint_check, checked),
                           (LIBRARY.dsqlint_fix, program("fix", "--diff", *common))):
        got = answer(function, request)
        assert got == said, f"{files}: {got[0]} {got[1][:3000]}\nthe program: {said[0]} {said[1][:3000]}"
    return True


def fixtures():
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        done = list(pool.map(same_bytes, histories()))
    assert len(done) > 300 and done.count(True) > len(done) - 5, (len(done), done.count(None))


def configuration():
    """A configuration file and its baseline hold as for the program."""
    name = "tests/fixtures/temp_table"
    files = next(files for files in histories() if files[0].startswith(name))[:1]
    here = os.getcwd()
    os.chdir(ARGUMENTS.source)
    try:
        folder = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"dsqlint-{os.getpid()}")
        os.makedirs(folder)
        config = os.path.join(folder, "dsqlint.toml")
        with open(os.path.join(ARGUMENTS.source, files[0]), encoding="utf-8", newline="") as file:
            request = {"documents": [{"name": files[0], "text": file.read()}], "config": config}
        flags = ["--config", config, "--format", "json", *files]
        for text in ("[severity]\ntemp_table = \"warning\"\n", "baseline = \"known.json\"\n"):
            with open(config, "w", encoding="utf-8") as file:
                file.write(text)
            if "baseline" in text:
                program("check", "--update-baseline", *flags)
            said = program("check", *flags)
            assert answer(LIBRARY.dsqlint_check, request) == said, text
        assert b'"findings": 0' in said[1], said
        os.remove(os.path.join(folder, "known.json"))
        status, text = answer(LIBRARY.dsqlint_check, request)
        assert status == 2 and b"known.json: there is no such baseline" in text, text
        os.remove(config)
        os.rmdir(folder)
    finally:
        os.chdir(here)


def big():
    text = "select 1; -- " + "a comment that nobody reads " * (2400 << 10) + "\ncreate temp table t (a int);"
    assert len(text) > 64 << 20
    status, said = answer(LIBRARY.dsqlint_fix, {"documents": [{"name": "big.sql", "text": text}]})
    file = json.loads(said)["files"][0]
    assert status == 3 and file["fixed_sql"] == text.replace("temp ", ""), said[:1000]
    assert file["diagnostics"][0]["range"]["start"]["offset"] == text.index("temp "), said[:1000]


def exports():
    """Nothing of what is linked in is to be seen."""
    with open(os.path.join(ARGUMENTS.source, "bindings", "dsqlint.h"), encoding="utf-8") as file:
        declared = set(re.findall(r"^DSQLINT_API .*?\b(dsqlint_\w+)\(", file.read(), re.M))
    assert len(declared) == 10, declared
    lines = subprocess.run(["nm", "-D", "--defined-only", ARGUMENTS.library], check=True,
                           stdout=subprocess.PIPE, text=True).stdout.splitlines()
    found = {line.split()[-1].split("@")[0] for line in lines if " A " not in line}
    assert found == declared, sorted(found ^ declared)[:20]


for case in (readme, catalogue, exports, configuration, fixtures, big):
    case()
    print(f"{case.__name__}: passed")
