#!/usr/bin/env python3
"""Editors drive the language server: the client library of VS Code under Node, and Neovim. What they
show is what `dsqlint check` reports, and what they make of a text are the bytes of `dsqlint fix`.

    editors.py --program dsqlint --source CHECKOUT --build FOLDER --tools FOLDER
"""

import json
import os
import re
import tempfile

from lsp import apply, meta_model
from tools import (arguments, neovim_tools, node_client_tools, node_program, read, run, run_cases,
                   write)

ARGUMENTS = arguments()
PROGRAM = ARGUMENTS.program
HERE = os.path.dirname(os.path.abspath(__file__))

SHOP = ("-- é😀\ncreate table \"café\" (\n  /* é😀 */ id serial primary key, /* 😀 */ note jsonb\n);\n"
        "/* ü😀 */ create index orders_note on \"café\" (note); -- é😀\n"
        "create index async orders_id on \"café\" using btree (id);\n"
        "/* 😀 */ create temp table t (id uuid primary key); truncate t; -- 😀\n")
# As editors send them: several to a version, each for the text that the one before has made.
EDITS = [
    [{"range": {"start": {"line": 2, "character": 11}, "end": {"line": 2, "character": 11}},
      "text": "/* 👩‍👩‍👧 ñ */ "}],
    [{"range": {"start": {"line": 6, "character": 49}, "end": {"line": 6, "character": 49}},
      "text": "/*😀*/ "},
     {"range": {"start": {"line": 5, "character": 0}, "end": {"line": 5, "character": 0}},
      "text": "/* 𝕏é */ "},
     {"range": {"start": {"line": 3, "character": 2}, "end": {"line": 4, "character": 1}},
      "text": "\r\n\n/"}],
]
ENCODINGS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def edited(text, edits):
    for change in edits:
        for one in change:
            text = apply(text, [{"range": one["range"], "newText": one["text"]}])
    return text


def reported(text, encoding="utf-16", what="rule"):
    """What `dsqlint check` reports, counted as the editor does."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, {"shop.sql": text})
        report, = json.loads(run([PROGRAM, "check", "--format", "json", "shop.sql"], expect=(0, 1),
                                 cwd=folder).stdout)["files"]
    units, width = ENCODINGS[encoding]
    data = text.encode()

    def place(end):
        before = data[:end["offset"]].decode()
        line = before.replace("\r\n", "\n").count("\n")
        return [line, len(before[before.rfind("\n") + 1:].encode(units)) // width]

    return sorted([d[what], *place(d["range"]["start"]), *place(d["range"]["end"])]
                  for d in report["diagnostics"])


def fixed(text, *flags):
    """The bytes of `dsqlint fix`."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, {"shop.sql": text})
        return run([PROGRAM, "fix", "-q", *flags, "-o", "-", "shop.sql"], expect=(0, 1, 3), cwd=folder,
                   text=False).stdout.decode()


def short(diagnostics):
    return sorted([d["code"], *(d["range"][end][count] for end in ("start", "end")
                                for count in ("line", "character"))] for d in diagnostics)


def assert_messages(model, messages, asked):
    assert messages
    for message in messages:
        reason = model.wrong_message(message, asked)
        assert reason is None, f"{reason}\n{json.dumps(message)[:600]}"


def node_client():
    node = node_program()
    tools = node_client_tools(ARGUMENTS.tools)
    with tempfile.TemporaryDirectory() as folder:
        large = "".join(f"create table t{i} (id serial primary key, a jsonb);\n" for i in range(10_000))
        write(folder, {"root/shop.sql": SHOP, "edits.json": json.dumps(EDITS), "large.sql": large})
        script = os.path.join(HERE, "editors_client.js")
        said = json.loads(run([node, script, PROGRAM, folder], timeout=120,
                              env={**os.environ, "NODE_PATH": tools}).stdout)
    text = edited(SHOP, EDITS)
    pushed, pulled = said["pushed"], said["pulled"]
    assert pushed["code"] == 0 and pulled["code"] == 0, said

    # Diagnostics are where the command line sees them, and each edit counts.
    assert short(pushed["opened"]) == reported(SHOP), pushed["opened"]
    assert short(pushed["edited"]) == reported(text), (short(pushed["edited"]), reported(text))
    assert short(pulled["first"]["items"]) == reported(SHOP)
    assert short(pulled["edited"]["items"]) == reported(text)
    assert pulled["again"] == {"kind": "unchanged", "resultId": pulled["first"]["resultId"]}
    assert dict(pulled["workspace"])["shop.sql"] == len(reported(text)), pulled["workspace"]

    # Quick fixes, all safe fixes, all fixes.
    assert {quick["about"][0]["code"] for quick in pushed["quick"]} == {
        "serial_type", "index_key_type", "index_using", "temp_table", "truncate"}
    for quick in pushed["quick"]:
        rule = quick["about"][0]["code"]
        assert quick["version"] == pushed["version"]
        assert apply(text, quick["edits"]) == fixed(text, "--select", rule), quick
    for name, flags in (("safe", ["--safe-only"]), ("all", [])):
        made = pushed[name]
        assert made["version"] == pushed["version"]
        assert apply(text, made["edits"]) == fixed(text, *flags) != text, made
    assert pushed["stale"] == -32801, pushed["stale"]

    # A request that is stopped stops, and nobody waits for it.
    assert pulled["stopped"] in (-32800, -32802), pulled["stopped"]
    assert pulled["after"] == len(reported(text))

    model = meta_model()
    for messages, asked in zip(said["messages"], said["asked"]):
        assert_messages(model, messages, {int(number): method for number, method in asked.items()})


def neovim():
    nvim = neovim_tools(ARGUMENTS.tools)
    lines = [[2, 3, ["  /* é😀 ñ */ id serial primary key, /* 😀 */ note jsonb"]],
             [5, 5, ["/* 𝕏é */ select 1;"]]]
    # What users are told to write.
    section = read(ARGUMENTS.source, "editors/README.md").split("## Neovim 0.11\n")[1].split("\n## ")[0]
    setup, start = re.findall(r"```lua\n(.*?)```", section, re.DOTALL)
    with tempfile.TemporaryDirectory() as folder:
        write(folder, {"shop.sql": SHOP, "lines.json": json.dumps(lines), "dsqlint.toml": "",
                       "setup-1.lua": setup, "setup-2.lua": start})
        home = {f"XDG_{name}_HOME": os.path.join(folder, ".home") for name in
                ("CONFIG", "DATA", "STATE", "CACHE")}
        output = os.path.join(folder, "said.json")
        run([nvim, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-l",
             os.path.join(HERE, "editors_neovim.lua"), PROGRAM, folder, output], timeout=120,
            env={**os.environ, **home})
        said = json.loads(read(folder, "said.json"))
    text = SHOP.splitlines(keepends=True)
    for begin, end, new in lines:
        text[begin:end] = [line + "\n" for line in new]
    text = "".join(text)
    assert said["text"] == text
    assert said["encoding"] == "utf-8", said["encoding"]
    assert sorted(said["opened"]) == reported(SHOP, "utf-8"), said["opened"]
    assert sorted(said["edited"]) == reported(text, "utf-8"), said["edited"]
    assert said["quick"] == fixed(text, "--select", said["rule"]), said["quick"]
    safe = fixed(text, "--safe-only")
    assert said["saved"] == safe != text, said["saved"]
    assert said["all"] == fixed(safe) != safe, said["all"]
    messages = [json.loads(message) for message in said["messages"]]
    asked = {int(number): method for number, method in said["asked"].items()}
    assert_messages(meta_model(), messages, asked)


def vscode_extension():
    """What can be seen of it without VS Code; scripts/test-vscode uses it in one."""
    source = os.path.join(ARGUMENTS.source, "editors", "vscode")
    package = json.loads(read(source, "package.json"))
    code = "".join(read(source, f"src/{name}") for name in sorted(os.listdir(f"{source}/src")))
    contributed = package["contributes"]
    # What is offered is there, and what is there is offered and described.
    commands = {one["command"] for one in contributed["commands"]}
    assert commands == {"dsqlint." + name for name in re.findall(r'\bcommand\("(\w+)"', code)}, commands
    readme = read(source, "README.md")
    for one in contributed["commands"]:
        assert f"dsqlint: {one['title']}" in readme, one
    settings = set(contributed["configuration"]["properties"])
    known, = re.findall(r"for \(const name of \[(.*?)\]\)", code)
    assert settings == {"dsqlint." + name for name in [*json.loads(f"[{known}]"), "path", "trace.server"]}
    assert all(f"`{name}`" in readme for name in settings - {"dsqlint.trace.server"})
    assert "\n## " + run([PROGRAM, "--version"]).stdout.split()[1] + "\n" in read(source, "CHANGELOG.md")
    # The lock file names packages and what they hash to, not where one machine has found them.
    lock = json.loads(read(source, "package-lock.json"))
    assert all("resolved" not in one for one in lock["packages"].values())
    wanted = package["devDependencies"]
    assert all(lock["packages"]["node_modules/" + name]["version"] == wanted[name] for name in wanted)

    # Tasks read what the program prints.
    for pattern in (contributed["problemMatchers"][0]["pattern"],
                    json.loads(read(source, "tasks.json"))["tasks"][0]["problemMatcher"]["pattern"]):
        with tempfile.TemporaryDirectory() as folder:
            write(folder, {"db/a shop.sql": SHOP})
            lines = run([PROGRAM, "check", "-q", "--format", "concise", "."], expect=1,
                        cwd=folder).stdout.splitlines()
        found = [re.match(pattern["regexp"], line) for line in lines]
        assert found and all(found), lines
        assert {one[pattern["file"]] for one in found} == {"db/a shop.sql"}
        assert sorted([one[pattern["code"]], int(one[pattern["line"]]) - 1, int(one[pattern["column"]]) - 1]
                      for one in found) == sorted(one[:3] for one in reported(SHOP, "utf-32"))

    # Where the program comes from, and what is said where it is missing.
    with tempfile.TemporaryDirectory() as folder:
        write(folder, {"with/bin/dsqlint": ""})
        script = """
const { complaint, locate, versionOf } = require(process.argv[1]);
const extension = process.argv[2];
const at = (path, folder) => locate({ path, folder: "/w", extension: `${extension}/${folder}`, platform: "linux" });
const places = [at("${workspaceFolder}/d", "with"), at(" ", "with"), at("", "without")];
const gone = { program: "/nowhere/dsqlint", source: "setting" };
versionOf(gone.program).catch((problem) => {
  const said = [complaint(gone, problem), complaint({ program: "dsqlint", source: "PATH" }, problem)];
  console.log(JSON.stringify({ places, said }));
});
"""
        said = json.loads(run([node_program(), "-e", script, f"{source}/src/program.js", folder]).stdout)
        assert said["places"] == [{"program": "/w/d", "source": "setting"},
                                  {"program": f"{folder}/with/bin/dsqlint", "source": "extension"},
                                  {"program": "dsqlint", "source": "PATH"}], said
        assert all("dsqlint.path" in message for message in said["said"]), said


if __name__ == "__main__":
    run_cases(node_client, neovim, vscode_extension)
