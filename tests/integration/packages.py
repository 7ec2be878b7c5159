#!/usr/bin/env python3
"""The packages hold what they should and run: npm's are packed and installed from the tarballs, the
Debian packages are made and unpacked, and the installed library is found and linked.

    packages.py --program dsqlint --source CHECKOUT --build FOLDER --tools FOLDER
"""

import os
import shutil
import tempfile

from tools import Skipped, arguments, run, run_cases, write

ARGUMENTS = arguments()
PROGRAM = ARGUMENTS.program
BAD = "create temp table t (id int);\n"
VERSION = run([PROGRAM, "--version"]).stdout.split()[1]


def files_below(root):
    return {os.path.relpath(os.path.join(folder, name), root)
            for folder, _, names in os.walk(root) for name in names}


def npm():
    if shutil.which("npm") is None:
        raise Skipped("there is no npm")
    with tempfile.TemporaryDirectory() as work:
        write(work, {"licenses": "licences\n", "project/package.json": '{"private": true}\n',
                     "project/bad.sql": BAD})
        project = os.path.join(work, "project")
        tarballs = run([os.path.join(ARGUMENTS.source, "packaging", "npm", "pack"),
                        "--program", PROGRAM, "--version", VERSION,
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
        assert run(npx + ["dsqlint", "--version"], cwd=project).stdout == f"dsqlint {VERSION}\n"
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
        packages = {name.split("_")[0]: os.path.join(work, name) for name in os.listdir(work)
                    if name.endswith(".deb")}
        assert sorted(packages) == ["dsqlint", "libdsqlint-dev", "libdsqlint0"], packages
        package = packages["dsqlint"]
        depends = run(["dpkg-deb", "-f", package, "Depends"]).stdout
        assert "libc6 (>= " in depends and "libprotobuf" in depends, depends
        root = os.path.join(work, "root")
        run(["dpkg-deb", "-x", package, root])
        installed = files_below(root)
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

        depends = run(["dpkg-deb", "-f", packages["libdsqlint0"], "Depends"]).stdout
        assert "libc6 (>= " in depends and "libprotobuf" in depends, depends
        depends = run(["dpkg-deb", "-f", packages["libdsqlint-dev"], "Depends"]).stdout
        assert depends.startswith("libdsqlint0 (= "), depends
        root = os.path.join(work, "library")
        run(["dpkg-deb", "-x", packages["libdsqlint0"], root])
        assert {os.path.basename(name) for name in files_below(root)} == {
            "libdsqlint.so.0", "libdsqlint.so." + VERSION, "copyright"}, files_below(root)
        root = os.path.join(work, "development")
        run(["dpkg-deb", "-x", packages["libdsqlint-dev"], root])
        assert {os.path.basename(name) for name in files_below(root)} == {
            "libdsqlint.so", "dsqlint.h", "dsqlint.pc", "copyright", "dsqlint-config.cmake",
            "dsqlint-config-release.cmake", "dsqlint-config-version.cmake"}, files_below(root)


def library():
    """An installed library is found by pkg-config and by CMake, and the test of the C API holds for
    it; the folder may be moved."""
    test = os.path.join(ARGUMENTS.source, "tests", "c_api_test.c")
    with tempfile.TemporaryDirectory() as work:
        for component in ("library", "development"):
            run(["cmake", "--install", ARGUMENTS.build, "--component", component,
                 "--prefix", os.path.join(work, "first")])
        prefix = os.path.join(work, "moved")
        os.rename(os.path.join(work, "first"), prefix)
        folder = os.path.dirname(next(os.path.join(prefix, name) for name in files_below(prefix)
                                      if name.endswith("/dsqlint.pc")))
        found = dict(os.environ, PKG_CONFIG_PATH=folder,
                     LD_LIBRARY_PATH=os.path.dirname(folder))
        flags = run(["pkg-config", "--cflags", "--libs", "dsqlint"], env=found).stdout.split()
        assert run(["pkg-config", "--modversion", "dsqlint"],
                   env=found).stdout == VERSION + "\n"
        program = os.path.join(work, "by-pkg-config")
        run(["cc", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-o", program, test,
             "-pthread", *flags])
        assert run([program], env=found).stdout == (
            f"dsqlint {VERSION}: all answers are as they should be\n")

        write(work, {"project/CMakeLists.txt": f"""cmake_minimum_required(VERSION 3.20)
project(uses LANGUAGES C)
find_package(dsqlint {VERSION} REQUIRED)
find_package(Threads REQUIRED)
add_executable(uses {test})
target_link_libraries(uses PRIVATE dsqlint::dsqlint Threads::Threads)
"""})
        build = os.path.join(work, "build")
        run(["cmake", "-S", os.path.join(work, "project"), "-B", build,
             "-DCMAKE_PREFIX_PATH=" + prefix])
        run(["cmake", "--build", build])
        run([os.path.join(build, "uses")])


run_cases(npm, debian, library)
