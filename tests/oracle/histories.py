#!/usr/bin/env python3
"""The history oracle: a file that is cut in two or three between its statements says as a history what
it says as a whole, its fixed parts run one after another where the fixed whole does, and histories of
projects run after fixing.

    histories.py --tool FIXER --cutter CUTTER [--only PART]… [--details] [--alone FOLDER]…
                 [--history FOLDER]… [FOLDER|FILE]…

FIXER is dsqlint_fixed_for_postgres, CUTTER dsqlint_cut_histories. Three parts:

  cuts      The same rules with the same status on the same statements. Needs no server.
  run       Where the fixed parts are another text than the fixed whole, they run on PostgreSQL without
            an error that the whole does not have, and make the same catalog and rows, or what the
            findings of the parts announce. What has to run before is made as in postgres.py.
  projects  The migrations of each project of the corpus in their order, original and fixed: no error
            in a file in which a check of the fixed history finds nothing. Statements that fail in the
            original are left out, because the corpus does not have all files. `--history` adds a
            folder.

The folder that the environment variable DSQLINT_CORPUS names is added. What differs is printed by the
rules that differ, with the smallest file for each. floors.txt holds how much has to be proven.
"""

import argparse
import collections
import fnmatch
import json
import os
import re
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import postgres  # noqa: E402  (servers, what runs, and what explains a difference are as there)
from postgres import Fragment, Outcome, Text, compare, fail  # noqa: E402

PARTS = ("cuts", "run", "projects")


def natural(name):
    """As the program sorts names: numbers by their value."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part)
            for part in re.split(r"(\d+)", name) if part]


def by_version(name):
    """As Diesel sorts: what stands before the first `_`, without its hyphens."""
    return name.partition("_")[0].replace("-", "")


# Which files of a folder of the corpus are one history, and their order.
PROJECTS = [
    ("umami", "[0-9][0-9]_*.sql", natural),
    ("langfuse", "2*.sql", natural),
    ("kestra", "V*.sql", natural),
    ("temporal", "v1.*.sql", natural),
    ("temporal", "vis_v1.*.sql", natural),
    ("crates-io", "*.up.sql", by_version),
    ("supabase-postgres", "??????????????[-_]*.sql", natural),
    ("apache-ranger", "xa_core_db_postgres.sql|0*.sql", None),
    ("vercel-ai-chatbot", "*.sql", natural),
]


# What belongs to a session or is said once a file ends with it, and a history has to say otherwise.
ENDS_WITH_FILE = {"mysql_dialect_suspected", "unsupported_deallocate", "unsupported_execute",
                  "unsupported_prepare", "unsupported_savepoint"}
# Fixes that change an earlier statement, which a later file must not do.
FOLDS = ("*_fold", "*_collapse", "serial_sequence_idiom")


def ask_cutter(cutter, arguments):
    done = subprocess.run([cutter, *arguments], capture_output=True)
    if done.returncode != 0:
        raise RuntimeError("the cutter fails: " + done.stderr.decode(errors="replace").strip())
    return [json.loads(line) for line in done.stdout.splitlines()]


class Differences:
    """What the histories say otherwise, by what it is; the smallest file stands for all."""

    def __init__(self):
        self.groups = collections.defaultdict(list)

    def add(self, size, label, lines, differences):
        by_statement = collections.defaultdict(list)
        for each in differences:
            by_statement[each["statement"]].append(each)
        for told in by_statement.values():
            sides = [" ".join(sorted(f"{each['rule']}:{status}" for each in told for status in each[side]))
                     or "nothing" for side in ("whole", "parts")]
            self.groups[" → ".join(sides)].append((size, label, lines, told[0]["line"], told[0]["text"]))

    def print(self):
        groups = [(len({(label, *lines) for _, label, lines, *_ in found}), told, found)
                  for told, found in self.groups.items()]
        for cuts, told, found in sorted(groups, key=lambda group: (-group[0], group[1])):
            _, label, lines, line, text = min(found)
            print(f"  {cuts} cuts of {len({each[1] for each in found})} files: {told}")
            print(f"      {label}:{line}, cut before line {' and '.join(map(str, lines))}: "
                  f"{' '.join(text.split())[:110]}")


def examine_cuts(cutter, files):
    """Label → what the cutter tells; the differences, and the figures."""
    told, differences, figures = {}, Differences(), collections.Counter()
    rewritten = Differences()
    for (path, label), each in zip(files, ask_cutter(cutter, [path for path, _ in files])):
        told[label] = each
        if "error" in each:
            figures["unreadable"] += 1
            continue
        figures["files"] += bool(each["cuts"])
        for cut in each["cuts"]:
            if "error" in cut:
                fail(f"{label}: {cut['error']}")
            figures["cuts"] += 1
            counts = [d for d in cut["differences"] if d["rule"] not in ENDS_WITH_FILE]
            figures["same"] += not counts
            figures["folds"] += any(fnmatch.fnmatchcase(d["rule"], fold) for d in counts for fold in FOLDS)
            changed = [d for d in cut["rewritten"] if d["rule"] not in ENDS_WITH_FILE]
            figures["rewritten"] += not changed
            if changed:
                rewritten.add(os.path.getsize(path), label, cut["lines"], changed)
            if counts:
                differences.add(os.path.getsize(path), label, cut["lines"], counts)
    return told, differences, rewritten, figures


class CutOutcome:
    """How the fixed parts of one file run."""

    def __init__(self, label, chained):
        self.label, self.chained = label, chained
        self.cuts = self.as_whole = self.equal = 0
        self.notes = []


def run_variants(outcome, told, text, whole, run):
    """`whole` is what the fixed whole gives: (errors, snapshot); `run(text)` the same of another."""
    uses = collections.Counter(cut["variant"] for cut in told["cuts"] if "variant" in cut)
    first = {}
    for cut in told["cuts"]:
        first.setdefault(cut.get("variant"), cut)
    outcome.cuts = sum(uses.values())
    errors_whole, after_whole = whole
    known = {message for _, message in errors_whole}
    for number, variant in enumerate(told["variants"]):
        findings = [{**f, "names": set(f["names"])} for f in variant["findings"]]
        fixed = postgres.without_databases(variant["text"].encode())
        errors, after = run(fixed)
        new = [(line, message) for line, message in errors if message not in known]
        place = "cut before line " + " and ".join(map(str, first[number]["lines"]))
        lines = fixed.decode().split("\n")
        for line, message in new[:3]:
            at = lines[line - 1].strip()[:100] if 0 < line <= len(lines) else ""
            outcome.notes.append(f"{place}: {message}: {at}")
        if new:
            continue
        outcome.as_whole += uses[number]
        if after is None or after_whole is None:
            outcome.equal += uses[number]  # both have errors, and nothing to compare
            continue
        if after == after_whole:
            outcome.equal += uses[number]
            continue
        # Another catalog than that of the whole is fine where the parts' findings say what differs
        # from the source.
        judged = Outcome(outcome.label, outcome.chained)
        judged.before = "ran"
        compare(judged, Judged(findings), text[1], after, text[2])
        if judged.bad:
            outcome.notes += [f"{place}: {note}" for note in judged.details[:3]]
        else:
            outcome.equal += uses[number]


class Judged:
    """What `compare` wants to know of a text."""

    def __init__(self, findings):
        self.findings = findings


def run_fixture(server, options, path, label):
    """The cuts of what runs of a fixture."""
    outcome = CutOutcome(label, False)
    if not postgres.is_for_oracle(path):
        return outcome
    try:
        fragment = Fragment(server, options.tool, path, Outcome(label, False))
        if not fragment.runs:
            return outcome
        told = ask_cutter(options.cutter, [fragment.path])[0]
        stage, text = fragment.stage, fragment.text
        if fragment.known is None:
            fragment.known = stage.run(text.source, True)[1]

        def again():
            return stage.run(text.source, True)[1]

        run_variants(outcome, told, (text, fragment.known, again), stage.run(text.fixed, True),
                     lambda fixed: stage.run(fixed, True))
    except (RuntimeError, TimeoutError) as problem:
        outcome.notes.append(str(problem))
    return outcome


def run_files(server, options, files, told):
    """The cuts of the files of one folder, each on what the earlier ones have made."""
    outcomes, bases = [], [None]
    with_variants = [i for i, (_, label) in enumerate(files) if told[label].get("variants")]
    for path, label in files[:max(with_variants, default=-1) + 1]:
        if postgres.STOP.is_set():
            return []
        outcome = CutOutcome(label, True)
        outcomes.append(outcome)
        try:
            text = Text(options.tool, path)
            server.expect(text.source)
            chain = bases[::-1][:3] + ([None] if len(bases) > 3 else [])
            base, database, errors = postgres.try_before(server, text.source, chain)
            if errors:
                server.drop(database)
                continue
            bases.append(database)
            if told[label].get("variants"):

                def run(fixed, base=base):
                    made = server.create(base)
                    try:
                        return server.load(made, fixed), server.snapshot(made)
                    finally:
                        server.drop(made)

                known = server.snapshot(database)
                run_variants(outcome, told[label], (text, known, lambda: run(text.source)[1]),
                             run(text.fixed), run)
        except (RuntimeError, TimeoutError) as problem:
            outcome.notes.append(str(problem))
    for database in bases[1:]:
        server.drop(database)
    return outcomes


class ProjectOutcome:
    def __init__(self, name):
        self.name = name
        self.files = self.whole = self.after = self.clean = self.broken = 0
        self.catalog = ""
        self.notes = []


def run_history(server, texts):
    """The errors of each text, in a connection of its own, and what they have made together."""
    database = server.create()
    errors = [server.load(database, text) for text in texts]
    if any([postgres.make_roles(server, each) for each in errors]):
        server.drop(database)
        database = server.create()
        errors = [server.load(database, text) for text in texts]
    made = server.snapshot(database)
    server.drop(database)
    return errors, made


def tell_history(options, paths):
    told = ask_cutter(options.cutter, ["--history", *paths])
    for each in told:
        for side in ("source", "fixed"):
            each[side] = postgres.without_databases(each[side].encode())
    return told


def what_runs(server, options, paths):
    """Copies of the files without the statements that fail, what is told of them, and what they make."""
    folder = os.path.join(server.folder, "history")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    copies = [os.path.join(folder, os.path.basename(path)) for path in paths]
    for path, copy in zip(paths, copies):
        shutil.copyfile(path, copy)
    for _ in range(30):
        told = tell_history(options, copies)
        server.expect(b"".join(each["source"] for each in told))
        errors, made = run_history(server, [each["source"] for each in told])
        if not any(errors):
            return copies, told, made
        for copy, each in zip(copies, errors):
            # After an error in a transaction the others say that it is aborted, and may run without it.
            lines = {line for line, message in each if "transaction is aborted" not in message}
            statements = Text(options.tool, copy).statements
            if lines and statements:
                # Without a `;` the last one ends with the file for psql.
                statements[-1][3] = max(statements[-1][3], *lines)
                text = postgres.without_statements(copy, statements, lines)
                with open(copy, "wb") as file:
                    file.write(text)
    raise RuntimeError("the original has errors whatever is left out: " + str(errors))


def run_project(server, options, name, paths):
    """A history in its order, original and fixed."""
    outcome = ProjectOutcome(name)
    try:
        copies, told, known = what_runs(server, options, paths)
        errors_after, made = run_history(server, [each["fixed"] for each in told])
        for path, copy, each, errors in zip(paths, copies, told, errors_after):
            file = os.path.basename(path)
            with open(path, "rb") as original, open(copy, "rb") as run:
                outcome.whole += original.read() == run.read()
            outcome.files += 1
            outcome.after += not errors
            outcome.clean += not each["left"]
            outcome.broken += bool(errors) and not each["left"]
            lines = each["fixed"].decode().split("\n")
            for line, message in errors[:4]:
                at = lines[line - 1].strip()[:100] if 0 < line <= len(lines) else ""
                verdict = "clean" if not each["left"] else "left: " + ", ".join(
                    sorted({left["rule"] for left in each["left"]}))
                outcome.notes.append(f"{file} ({verdict}), fixed line {line}: {message}: {at}")
        findings = [{**f, "names": set(f["names"])} for each in told for f in each["findings"]]
        judged = Outcome(name, True)
        judged.before = "ran"
        compare(judged, Judged(findings), known, made,
                lambda: run_history(server, [each["source"] for each in told])[1])
        outcome.catalog = judged.catalog
        outcome.notes += judged.details if options.details else judged.details[:6]
    except (RuntimeError, TimeoutError) as problem:
        outcome.notes.append(str(problem))
        outcome.broken += 1
    return outcome


def projects(corpus, folders):
    """(name, paths) of each history."""
    found = []
    for folder, patterns, order in PROJECTS if corpus else []:
        names = os.listdir(os.path.join(corpus, folder))
        chosen = []
        for pattern in patterns.split("|"):
            chosen += sorted((n for n in names if fnmatch.fnmatchcase(n, pattern)), key=order or natural)
        if not chosen:
            fail(f"the corpus has no {folder}/{patterns}")
        found.append((f"{folder}/{patterns}", [os.path.join(corpus, folder, n) for n in chosen]))
    for folder in folders:
        names = sorted((n for n in os.listdir(folder) if n.endswith(".sql")), key=natural)
        found.append((os.path.basename(folder.rstrip("/")), [os.path.join(folder, n) for n in names]))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--tool", required=True)
    parser.add_argument("--cutter", required=True)
    parser.add_argument("--only", action="append", choices=PARTS, default=[])
    parser.add_argument("--details", action="store_true")
    parser.add_argument("--alone", action="append", default=[], metavar="FOLDER")
    parser.add_argument("--history", action="append", default=[], metavar="FOLDER")
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    wanted = options.only or PARTS
    if wanted != ["cuts"] and (postgres.server_folder() is None or shutil.which("psql") is None):
        fail("PostgreSQL's server is not installed (Debian package postgresql)")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    corpus = os.environ.get("DSQLINT_CORPUS", "")
    if not os.path.isdir(corpus):
        print("skipped: the history oracle over the corpus: there is no DSQLINT_CORPUS")
        corpus = ""
    alone = postgres.collect(options.alone)
    chained = postgres.collect(options.paths + ([corpus] if corpus else []))
    proven = {}
    told = {}
    if "cuts" in wanted or "run" in wanted:
        for what, folders in (("fixtures", alone), ("files", chained if corpus else {})):
            files = sorted({(path, label) for folder in folders.values() for path, label in folder})
            if not files:
                continue
            found, differences, rewritten, figures = examine_cuts(options.cutter, files)
            for label, each in found.items():
                told[label] = {**each, "chained": what == "files"}
            if "cuts" in wanted:
                print(f"{what}: {figures['cuts']} cuts of {figures['files']}; "
                      f"{figures['cuts'] - figures['same']} say something else, {figures['folds']} of them "
                      f"because a fix would change an earlier file; {figures['unreadable']} cannot be read")
                differences.print()
                print(f"{what}: with --rewrite-history {figures['cuts'] - figures['rewritten']} say "
                      "something else")
                rewritten.print()
                proven[f"cuts of {what} with the same findings where files may be rewritten"] = (
                    figures["rewritten"])
                proven[f"cuts of {what}"] = figures["cuts"]
                proven[f"cuts of {what} with the same findings"] = figures["same"]
                proven[f"cuts of {what} with the same findings, or a fold between files"] = (
                    figures["same"] + figures["folds"])
    items = []
    if "run" in wanted:
        with_variants = [[file for file in files if told[file[1]].get("variants")]
                         for files in alone.values()]
        items += [(sum(os.path.getsize(p) for p, _ in files), "fixtures", files)
                  for files in with_variants if files]
        items += [(10 * sum(os.path.getsize(p) for p, _ in files), "files", files)
                  for files in (chained.values() if corpus else [])]
    if "projects" in wanted:
        items += [(1 << 40, name, paths) for name, paths in projects(corpus, options.history)]

    def work(server, item):
        _, what, files = item
        if what == "fixtures":
            return [run_fixture(server, options, *file) for file in files if not postgres.STOP.is_set()]
        if what == "files":
            return run_files(server, options, files, told)
        return [run_project(server, options, what, files)]

    outcomes = []
    if items:
        items.sort(key=lambda item: -item[0])
        outcomes = [o for result in postgres.on_servers(work, items) for o in result]
    report_runs([o for o in outcomes if isinstance(o, CutOutcome)], told, proven)
    report_projects([o for o in outcomes if isinstance(o, ProjectOutcome)], proven)
    sys.exit(1 if postgres.hold_floors("histories", proven) else 0)


def report_runs(outcomes, told, proven):
    for o in sorted(outcomes, key=lambda o: o.label):
        if o.notes:
            print(f"{o.label}: of {o.cuts} cuts with another text {o.as_whole} run as the whole, "
                  f"{o.equal} make the same")
            print("".join(f"    {note}\n" for note in o.notes), end="")
    for what, chained in (("fixtures", False), ("files", True)):
        ran = [o for o in outcomes if o.chained == chained]
        if ran:
            print(f"{what}: {sum(o.cuts for o in ran)} cuts with another text could be run, "
                  f"{sum(o.as_whole for o in ran)} run as the whole, {sum(o.equal for o in ran)} make the same")
            same = sum("variant" not in cut for each in told.values() for cut in each.get("cuts", [])
                       if each["chained"] == chained)
            proven[f"cuts of {what} that once fixed are or make what the whole makes"] = (
                same + sum(o.equal for o in ran))


def report_projects(outcomes, proven):
    if not outcomes:
        return
    width = max(len(o.name) for o in outcomes)
    print(f"{'project':{width}}  files  as written  fixed run  clean  broken  catalog and rows")
    for o in sorted(outcomes, key=lambda o: o.name):
        print(f"{o.name:{width}}  {o.files:5}  {o.whole:10}  {o.after:9}  {o.clean:5}  {o.broken:6}  {o.catalog}")
        print("".join(f"    {note}\n" for note in o.notes), end="")
    proven["files of projects"] = sum(o.files for o in outcomes)
    proven["files of projects that run as written"] = sum(o.whole for o in outcomes)
    proven["files of projects that run once fixed"] = sum(o.after for o in outcomes)
    proven["files of projects without an error where nothing is found"] = sum(
        o.files - o.broken for o in outcomes)


if __name__ == "__main__":
    main()
