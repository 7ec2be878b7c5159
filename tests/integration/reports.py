#!/usr/bin/env python3
"""SARIF passes its makers' validator, and its fixes, applied by offset, give what `fix` writes;
reviewdog reads rdjson and reports the same places.

    reports.py --program dsqlint --source CHECKOUT --build FOLDER --tools FOLDER
"""

import json
import os
import re
import shutil
import tempfile

from tools import arguments, read, reviewdog_tool, run, run_cases, sarif_tools, write

ARGUMENTS = arguments()
PROGRAM = ARGUMENTS.program

FILES = {
    "wide é😀.sql": "-- é😀\nselect 'é😀'; create temp table t (id int);\r\n"
                    "create index i on t (id); -- dsqlint: ignore index_async: built by hand, é\n",
    "unreadable.sql": "selec '<&\"%:,';\ncreate table a (id serial);\n",
    "clean.sql": "select 1;\n",
    "known.sql": "vacuum full;\n",
}


def prepare(folder):
    shutil.copytree(os.path.join(ARGUMENTS.source, "examples"), os.path.join(folder, "examples"))
    write(folder, FILES)
    run([PROGRAM, "check", "-q", "--baseline", "known.json", "--update-baseline", "known.sql"],
        cwd=folder)


def sarif(folder, *more):
    done = run([PROGRAM, "check", "--format", "sarif", *more], expect=(0, 1), cwd=folder)
    return json.loads(done.stdout), done.stdout


def sarif_validates():
    multitool = os.path.join(sarif_tools(ARGUMENTS.tools), "sarif-multitool")
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        log, text = sarif(folder, "--baseline", "known.json", ".")
        kinds = {s["kind"] for r in log["runs"][0]["results"] for s in r["suppressions"]}
        assert kinds == {"inSource", "external"}, kinds
        broken = text.replace('"startLine":', '"startLine":-', 1)
        assert broken != text
        write(folder, {"good.sarif": text, "broken.sarif": broken})

        def complaints(name):
            # Its exit code is 0 whatever it finds.
            run([multitool, "validate", name, "--output", name + ".out", "--rule-kind", "Sarif",
                 "--log", "ForceOverwrite"], expect=(0, 1), cwd=folder,
                env=dict(os.environ, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1"))
            with open(os.path.join(folder, name + ".out"), encoding="utf-8-sig") as file:
                results = json.load(file)["runs"][0]["results"]
            return [r for r in results if r.get("level", "warning") == "error"]

        errors = complaints("good.sarif")
        assert not errors, json.dumps(errors[:3], indent=1)
        assert complaints("broken.sarif"), "the validator takes anything"


def sarif_fixes():
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        # Not those of examples where several fixes insert at one place: their order is ours.
        names = [*FILES, "examples/shop.sql", "examples/migrations/002_sessions.sql"]
        names.remove("clean.sql")
        for name in names:
            wanted = run([PROGRAM, "fix", "-o", "-", name], expect=(0, 1, 3), cwd=folder,
                         text=False).stdout.decode()
            for _ in range(10):
                if not apply_once(folder, name):
                    break
            assert read(folder, name) == wanted, name


def apply_once(folder, name):
    """Applies all fixes that do not meet each other, by character offset; was there one?"""
    log, _ = sarif(folder, name)
    text = read(folder, name)
    taken = []
    for result in log["runs"][0]["results"]:
        if result["suppressions"] or "fixes" not in result:
            continue
        change = result["fixes"][0]["artifactChanges"][0]
        edits = [(e["deletedRegion"]["charOffset"],
                  e["deletedRegion"]["charOffset"] + e["deletedRegion"]["charLength"],
                  e["insertedContent"]["text"]) for e in change["replacements"]]
        if all(end < t[0] or begin > t[1] for begin, end, _ in edits for t in taken):
            taken += edits
    for begin, end, new in sorted(taken, reverse=True):
        text = text[:begin] + new + text[end:]
    write(folder, {name: text})
    return bool(taken)


def reviewdog():
    program = shutil.which("reviewdog") or reviewdog_tool(ARGUMENTS.tools)
    with tempfile.TemporaryDirectory() as folder:
        write(folder, FILES)
        done = run([PROGRAM, "check", "--format", "rdjson", "."], expect=1, cwd=folder)
        said = run([program, "-f=rdjson", "-reporter=local", "-filter-mode=nofilter",
                    "-fail-level=none"], cwd=folder, input=done.stdout).stdout
        # Columns are bytes: `select 'é😀'; create ` is 24 of them.
        for path, line, column in (("wide é😀.sql", 2, 25), ("unreadable.sql", 1, 1),
                                   ("known.sql", 1, 1)):
            # Blanks between fields come in any number, on purpose.
            place = (rf'path:"{path}"\s+range:\{{start:\{{line:{line}\s+column:{column}\}}')
            assert re.search(place, said), said
        assert "clean.sql" not in said, said


run_cases(sarif_validates, sarif_fixes, reviewdog)
