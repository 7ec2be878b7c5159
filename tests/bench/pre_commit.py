#!/usr/bin/env python3
"""What a pre-commit hook over five changed files costs beyond pre-commit's own time: the same run with
a hook that does nothing is taken off. The budget is 50 ms. squawk and sqlfluff beside it where they
are installed.

    pre_commit.py --program dsqlint --source CHECKOUT --tools FOLDER [--peer SQUAWK]
                  [--sqlfluff SQLFLUFF]
"""

import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from tools import Skipped, arguments, pre_commit_tools, run, write  # noqa: E402

RUNS = 9
FILES = {f"db/V{i}.sql": f"create table t{i} (\n" + "".join(
    f"  column_{j} text not null,\n" for j in range(40)) + "  id bigint primary key\n);\n"
    for i in range(5)}
LOCAL = """
repos:
- repo: local
  hooks:
  - {{id: it, name: it, language: system, types: [sql], require_serial: true, entry: "{entry}"}}
"""
OURS = """
repos:
- repo: {source}
  rev: {commit}
  hooks:
  - id: dsqlint
"""


def milliseconds(folder, environment, configuration, before=lambda: None):
    """The shortest of several runs: noise only ever adds."""
    write(folder, {".pre-commit-config.yaml": configuration})
    run(["git", "add", "."], cwd=folder)
    run(["pre-commit", "install-hooks"], cwd=folder, env=environment)
    before()
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        run(["pre-commit", "run", "--color", "never"], expect=(0, 1), cwd=folder, env=environment)
        best = min(best, time.perf_counter() - start)
    return best * 1000


def main():
    options = arguments()
    if not os.path.exists(os.path.join(options.source, ".git")):
        raise Skipped("this is no git checkout")
    tools = pre_commit_tools(options.tools)
    commit = run(["git", "-C", options.source, "rev-parse", "HEAD"]).stdout.strip()
    with tempfile.TemporaryDirectory() as work:
        home = os.path.join(work, "home")
        folder = os.path.join(work, "repo")
        os.makedirs(folder)
        environment = dict(os.environ, PRE_COMMIT_HOME=home,
                           PATH=tools + os.pathsep + os.environ["PATH"])
        run(["git", "init", "-q", "."], cwd=folder)
        write(folder, FILES)

        def lend_program():
            for checkout in os.listdir(home):
                release = os.path.join(home, checkout, "build", "release")
                if os.path.isdir(os.path.join(home, checkout, "scripts")):
                    os.makedirs(os.path.join(release, "bin"))
                    os.symlink(options.program, os.path.join(release, "bin", "dsqlint"))
                    write(release, {"program-built": ""})

        nothing = milliseconds(folder, environment, LOCAL.format(entry="true"))
        print(f"pre-commit over 5 changed files: {nothing:.0f} ms by itself")
        ours = milliseconds(folder, environment,
                            OURS.format(source=options.source, commit=commit), lend_program)
        print(f"  dsqlint, hook from the checkout: {ours - nothing:+.0f} ms (budget: 50 ms)")
        peers = {"dsqlint, hook from PATH": options.program + " check"}
        if options.peer:
            peers["squawk"] = options.peer
        if options.sqlfluff:
            peers["sqlfluff"] = options.sqlfluff + " lint --dialect postgres"
        for name, entry in peers.items():
            spent = milliseconds(folder, environment, LOCAL.format(entry=entry))
            print(f"  {name}: {spent - nothing:+.0f} ms")


try:
    main()
except Skipped as why:
    print(f"pre-commit: skipped: {why}")
