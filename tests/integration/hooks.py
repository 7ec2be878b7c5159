#!/usr/bin/env python3
"""pre-commit installs our hooks from this checkout and runs them; so does the GitHub action's step.

    hooks.py --program dsqlint --source CHECKOUT --build FOLDER --tools FOLDER
"""

import glob
import os
import re
import tempfile

from tools import Skipped, arguments, pre_commit_tools, read, run, run_cases, write

ARGUMENTS = arguments()

BAD = "create temp table t (id int);\n"
FIXED = "create table t (id int);\n"


def new_repository(folder, environment, config):
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    run(git + ["init", "-q", "-b", "main", "."], cwd=folder, env=environment)
    write(folder, {".pre-commit-config.yaml": config})
    return git


def commit_of_source():
    if not os.path.exists(os.path.join(ARGUMENTS.source, ".git")):
        raise Skipped("this is no git checkout")
    return run(["git", "-C", ARGUMENTS.source, "rev-parse", "HEAD"]).stdout.strip()


def lend_program(home):
    """pre-commit's checkout builds the program when it is first used; this one is built already."""
    for checkout in glob.glob(os.path.join(home, "repo*", "scripts")):
        release = os.path.join(os.path.dirname(checkout), "build", "release")
        os.makedirs(os.path.join(release, "bin"))
        os.symlink(ARGUMENTS.program, os.path.join(release, "bin", "dsqlint"))
        write(release, {"program-built": ""})


def pre_commit():
    commit = commit_of_source()
    tools = pre_commit_tools(ARGUMENTS.tools)
    with tempfile.TemporaryDirectory() as work:
        home = os.path.join(work, "home")
        folder = os.path.join(work, "repo")
        os.makedirs(folder)
        environment = dict(os.environ, PRE_COMMIT_HOME=home, NO_COLOR="1",
                           PATH=tools + os.pathsep + os.environ["PATH"])
        git = new_repository(folder, environment, f"""
repos:
- repo: {ARGUMENTS.source}
  rev: {commit}
  hooks:
  - id: dsqlint-fix
    stages: [manual]
  - id: dsqlint
""")
        run(["pre-commit", "install", "--install-hooks"], cwd=folder, env=environment)
        lend_program(home)
        write(folder, {"db/a b.sql": BAD, "db/ok.sql": "select 1;\n", "notes.txt": BAD,
                       "old/c.sql": BAD, "dsqlint.toml": 'exclude = ["old/**"]\n'})
        run(git + ["add", "."], cwd=folder, env=environment)
        refused = run(git + ["commit", "-m", "x"], expect=1, cwd=folder, env=environment)
        said = refused.stdout + refused.stderr
        assert "db/a b.sql:1:8: error[temp_table]" in said, said
        assert "notes.txt" not in said and "old/c.sql" not in said, said
        fixing = ["pre-commit", "run", "--hook-stage", "manual", "dsqlint-fix"]
        run(fixing, expect=1, cwd=folder, env=environment)
        assert read(folder, "db/a b.sql") == FIXED
        assert read(folder, "old/c.sql") == BAD
        run(git + ["add", "."], cwd=folder, env=environment)
        run(fixing, cwd=folder, env=environment)
        run(git + ["commit", "-m", "x"], cwd=folder, env=environment)

        # The same from the program on PATH.
        environment["PATH"] = os.pathsep.join(
            [os.path.dirname(ARGUMENTS.program), environment["PATH"]])
        write(folder, {"db/a b.sql": BAD, ".pre-commit-config.yaml": f"""
repos:
- repo: {ARGUMENTS.source}
  rev: {commit}
  hooks:
  - id: dsqlint-fix-system
  - id: dsqlint-system
"""})
        run(git + ["add", "."], cwd=folder, env=environment)
        fixed = run(git + ["commit", "-m", "y"], expect=1, cwd=folder, env=environment)
        assert "files were modified" in fixed.stderr + fixed.stdout, fixed.stderr
        assert read(folder, "db/a b.sql") == FIXED

        # Migrations as their tool runs them: only the staged ones are reported, all are read.
        write(folder, {"db/a b.sql": FIXED, "m/1_a.sql": "-- +goose Up\ntruncate a;\n",
                       ".pre-commit-config.yaml": f"""
repos:
- repo: {ARGUMENTS.source}
  rev: {commit}
  hooks:
  - id: dsqlint-migrations-system
    args: [--migrations, "goose:m"]
"""})
        run(git + ["add", "."], cwd=folder, env=environment)
        run(git + ["commit", "-q", "-n", "-m", "z"], cwd=folder, env=environment)
        write(folder, {"m/2_b.sql": "-- +goose Up\ncreate table b (i int);\n"})
        run(git + ["add", "."], cwd=folder, env=environment)
        refused = run(git + ["commit", "-m", "w"], expect=1, cwd=folder, env=environment)
        said = refused.stdout + refused.stderr
        assert "m/2_b.sql:2:1: error[mixed_ddl_dml_transaction]" in said, said
        assert "m/1_a.sql:" not in said, said
        write(folder, {"m/2_b.sql": "-- +goose NO TRANSACTION\n-- +goose Up\n"
                                    "create table b (i int);\n"})
        run(git + ["add", "."], cwd=folder, env=environment)
        run(git + ["commit", "-m", "w"], cwd=folder, env=environment)


def action_step():
    """The last step of action.yml, in a shell as the runner starts it."""
    text = read(ARGUMENTS.source, "action.yml")
    step = text[text.rindex("run: |\n") + len("run: |\n"):]
    script = re.sub(r"^ {8}", "", step, flags=re.M)
    with tempfile.TemporaryDirectory() as work:
        git = new_repository(work, None, "")
        write(work, {"a.sql": "select 1;\n", "b c.sql": "select 1;\n"})
        run(git + ["add", "."], cwd=work)
        run(git + ["commit", "-q", "-m", "first"], cwd=work)
        write(work, {"b c.sql": BAD, "deep/d.sql": BAD, "step.sh": script})

        def step_with(expect, **inputs):
            environment = dict(os.environ, PROGRAM=ARGUMENTS.program, COMMAND="check",
                               PATHS=".", SINCE="", ARGUMENTS="", SARIF="")
            environment.update(inputs)
            # What runs a step stops at the first command that fails.
            return run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "step.sh"],
                       expect=expect, cwd=work, env=environment).stdout

        both = step_with(1, SARIF="out.sarif")
        assert "::error file=b c.sql,line=1,col=8," in both, both
        assert "file=deep/d.sql" in both, both
        assert '"ruleId":"temp_table"' in read(work, "out.sarif").replace(" ", "")
        one = step_with(1, PATHS="**/d.sql\na.sql")
        assert "deep/d.sql" in one and "b c.sql" not in one, one
        assert step_with(0, ARGUMENTS="--ignore temp_table", SARIF="out.sarif") == ""
        assert "a.sql" not in step_with(1, SINCE="HEAD")
        step_with(2, ARGUMENTS="--nonsense", SARIF="out.sarif")
        write(work, {"m/1_a.sql": "-- +goose Up\ncreate table b (id uuid primary key);\n"})
        told = step_with(1, COMMAND="migrations", PATHS="m", SARIF="out.sarif")
        assert "::error file=m/1_a.sql,line=2,col=1," in told, told
        assert '"ruleId":"mixed_ddl_dml_transaction"' in read(work, "out.sarif").replace(" ", "")


run_cases(pre_commit, action_step)
