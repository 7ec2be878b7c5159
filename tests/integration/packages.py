#!/usr/bin/env python3
"""The packages hold what they should and run: npm's are packed and installed from the tarballs, the
Debian package is made and unpacked.

    packages.py --program dsqlint --source CHECKOUT --build FOLDER --tools FOLDER
"""

import os
import shutil
import tempfile

from tools import Skipped, arguments, run, run_cases, write

ARGUMENTS = arguments()
PROGRAM = ARGUMENTS.program
BAD = "create temp table t (id int);\n"


def npm():
    if shutil.which("npm") is None:
        raise Skipped("there is no npm")
    version = run([PROGRAM, "--version"]).stdout.split()[1]
    with tempfile.TemporaryDirectory() as work:
        write(work, {"licenses": "licences\n", "project/package.json": '{"private": true}\n',
                     "project/bad.sql": BAD})
        project = os.path.join(work, "project")
        tarballs = run([os.path.join(ARGUMENTS.source, "packaging", "npm", "pack"),
                        "--program", PROGRAM, "--version", version,
                        "--licenses", os.path.join(work, "licenses"),
                        "--into", os.path.join(work, "packed")]).stdout.split()
        assert len(tarballs) == 2, tarballs
        # Offline: both are here, and other platforms' packages are nobody's business.
        install = ["npm", "install", "--silent", "--offline", "--no-audit", "--no-fund",
                   "--cache", os.path.join(work, "cache")]
        run(install + tarballs, cwd=project)
        npx = ["npx", "--no-install"]
        said = run(npx + ["dsqlint", "check", "bad.sql"], expect=1, cwd=project)
        assert "bad.sql:1:8: error[temp_table]" in said.stdout, said.stdout
        assert run(npx + ["dsqlint", "--version"], cwd=project).stdout == f"dsqlint {version}\n"
        # Called by its other name, the program speaks the other contract.
        other = run(npx + ["dsql-lint", "--format", "json", "-"], expect=1, cwd=project, input=BAD)
        assert '"summary"' in other.stdout, other.stdout
        assert run(npx + ["dsqlint", "fix", "-"], expect=3, cwd=project,
                   input=BAD).stdout == "create table t (id int);\n"

        platform = next(name for name in os.listdir(os.path.join(project, "node_modules"))
                        if name.startswith("dsqlint-linux-"))
        shutil.rmtree(os.path.join(project, "node_modules", platform))
        without = run(npx + ["dsqlint", "check", "bad.sql"], expect=2, cwd=project)
        assert f"the package {platform} is not installed" in without.stderr, without.stderr


def debian():
    if shutil.which("dpkg-shlibdeps") is None or shutil.which("file") is None:
        raise Skipped("dpkg-shlibdeps or file is not installed")
    with tempfile.TemporaryDirectory() as work:
        run(["cpack", "-G", "DEB", "-B", work], cwd=ARGUMENTS.build)
        package = next(os.path.join(work, name) for name in os.listdir(work)
                       if name.endswith(".deb"))
        depends = run(["dpkg-deb", "-f", package, "Depends"]).stdout
        assert "libc6 (>= " in depends and "libprotobuf" in depends, depends
        root = os.path.join(work, "root")
        run(["dpkg-deb", "-x", package, root])
        installed = {os.path.relpath(os.path.join(folder, name), root)
                     for folder, _, names in os.walk(root) for name in names}
        share = "usr/share/"
        wanted = {"usr/bin/dsqlint", "usr/bin/dsql-lint", share + "man/man1/dsqlint.1.gz",
                  share + "bash-completion/completions/dsqlint",
                  share + "zsh/vendor-completions/_dsqlint",
                  share + "fish/vendor_completions.d/dsqlint.fish",
                  share + "doc/dsqlint/copyright"}
        assert installed == wanted, installed ^ wanted
        said = run([os.path.join(root, "usr/bin/dsqlint"), "check", "-"], expect=1, input=BAD)
        assert "temp_table" in said.stdout
        run([os.path.join(root, "usr/bin/dsql-lint"), "-"], expect=1, input=BAD)
        with open(os.path.join(root, share, "doc/dsqlint/copyright"), encoding="utf-8") as file:
            text = file.read()
        assert "MIT No Attribution" in text and "libpg_query" in text, text
        manual = run(["gzip", "-dc", os.path.join(root, share, "man/man1/dsqlint.1.gz")]).stdout
        assert ".TH" in manual, manual[:200]
        run(["bash", "-n", os.path.join(root, share, "bash-completion/completions/dsqlint")])


run_cases(npm, debian)
