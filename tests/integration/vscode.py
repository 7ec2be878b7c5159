#!/usr/bin/env python3
"""A real VS Code (code-server) with the packed extension, and a browser that uses it as people do.
Not one of the tests that scripts/test runs: scripts/test-vscode starts it.

    vscode.py --program dsqlint --source CHECKOUT --build FOLDER --tools FOLDER

Screenshots of each step are left in FOLDER/vscode.
"""

import contextlib
import glob
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from editors import reported
from lsp import Server
from tools import Skipped, arguments, install, read, run, run_cases, write

ARGUMENTS = arguments()
PROGRAM = ARGUMENTS.program
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(ARGUMENTS.build, "vscode")
BROWSER = "/usr/bin/chromium"

ORDERS = """-- Orders of the café ☕😀
create table orders (
  /* é😀 */ id serial primary key,
  placed timestamp not null,
  note jsonb
);

create index orders_placed on orders using btree (placed);
create index async orders_id on orders using btree (id);
truncate orders;
"""
MYSQL = """-- A table as MySQL has it.
CREATE TABLE `customers` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(100) CHARACTER SET utf8mb4 NOT NULL COMMENT 'é😀',
  `vip` tinyint(1) NOT NULL DEFAULT '0',
  PRIMARY KEY (`id`),
  KEY `by_name` (`name`)
) ENGINE=InnoDB;
"""
SETTINGS = {
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "chat.disableAIFeatures": True,
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "extensions.autoCheckUpdates": False,
    "update.mode": "none",
    "files.autoSave": "off",
    "editor.fontSize": 14,
    "editor.minimap.enabled": False,
    "[sql]": {"editor.codeActionsOnSave": {"source.fixAll.dsqlint": "explicit"}},
}
# An extension such as those of databases: a language, and completions.
DRIVER = {
    "package.json": json.dumps({
        "name": "driver", "publisher": "test", "version": "0.0.1", "license": "MIT-0",
        "engines": {"vscode": "^1.91.0"}, "main": "./main.js",
        "activationEvents": ["onLanguage:sql"],
        "contributes": {"languages": [{"id": "mysql", "extensions": [".mysql"], "aliases": ["MySQL"]}]}}),
    "main.js": """
const vscode = require("vscode");
exports.activate = () => vscode.languages.registerCompletionItemProvider({ language: "sql" }, {
  provideCompletionItems: () => [new vscode.CompletionItem("stub_table_of_the_database")],
}, ".", " ");
""",
    ".vscodeignore": "",
}


def vscode_tools(tools):
    """The folder of code-server and of what drives the browser, and their Node."""
    folder = os.path.join(tools, "vscode")
    packages = ["code-server@4.139.1", "playwright-core@1.65.1"]
    npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", "."]
    node = os.path.join(folder, "node_modules", "node", "bin")
    # code-server is built for the Node that runs it.
    install(folder, " ".join(packages), [*npm, "node@24"],
            ["env", f"PATH={node}{os.pathsep}{os.environ['PATH']}", *npm, *packages],
            name="code-server", timeout=3600)
    return os.path.join(folder, "node_modules"), node


def environment(node, home):
    return {**os.environ, "HOME": home, "PATH": node + os.pathsep + os.environ["PATH"],
            **{f"XDG_{name}_HOME": os.path.join(home, name.lower()) for name in
               ("CONFIG", "DATA", "STATE", "CACHE")}}


def pack_extensions(env, into):
    """Ours, and one that stands beside it."""
    pack = os.path.join(ARGUMENTS.source, "packaging", "vsix", "pack")
    path = run([sys.executable, pack, "--version", "0.0.1", "--program", PROGRAM, "--into", into],
               env=env, timeout=900).stdout.strip()
    driver = os.path.join(into, "driver")
    write(driver, DRIVER)
    vsce = os.path.join(into, "vsix", "node_modules", ".bin", "vsce")
    other = os.path.join(into, "driver.vsix")
    run([vsce, "package", "--no-dependencies", "--allow-missing-repository", "--skip-license",
         "--out", other], cwd=driver, env=env, stdin=subprocess.DEVNULL)
    return [path, other]


def translates():
    """Has the language server the request for translations?"""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        server.start(folder)
        answer = server.answer(server.ask("dsqlint/translation", {"textDocument": {"uri": "file:///x.sql"}}))
        server.end()
    return answer.get("error", {}).get("code") != -32601


@contextlib.contextmanager
def code_server(modules, env, home, extensions):
    """A server with the extensions; its address."""
    data, installed = os.path.join(home, "data"), os.path.join(home, "extensions")
    write(data, {"User/settings.json": json.dumps(SETTINGS)})
    program = [os.path.join(modules, ".bin", "code-server"), "--auth", "none", "--disable-telemetry",
               "--disable-update-check", "--disable-workspace-trust", "--user-data-dir", data,
               "--extensions-dir", installed]
    for extension in extensions:
        run([*program, "--install-extension", extension], env=env, timeout=300)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with open(os.path.join(FOLDER, "code-server.log"), "w", encoding="utf-8") as log:
        child = subprocess.Popen([*program, "--bind-addr", address], env=env, stdin=subprocess.DEVNULL,
                                 stdout=log, stderr=log)
        try:
            for _ in range(600):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://{address}/healthz", timeout=5).close()
                    break
                assert child.poll() is None, "code-server has ended"
                time.sleep(0.2)
            yield f"http://{address}"
        finally:
            child.terminate()
            child.wait(30)


def extension_in_vscode():
    if not os.path.exists(BROWSER):
        raise Skipped(f"there is no {BROWSER}")
    modules, node = vscode_tools(ARGUMENTS.tools)
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER)
    with tempfile.TemporaryDirectory() as home:
        env = environment(node, home)
        extensions = pack_extensions(env, os.path.join(ARGUMENTS.tools, "vsix"))
        workspace = os.path.join(home, "shop")
        write(workspace, {"orders.sql": ORDERS, "customers.mysql": MYSQL, "notes.txt": "create table\n"})
        safe = run([PROGRAM, "fix", "-q", "--safe-only", "-o", "-", os.path.join(workspace, "orders.sql")],
                   expect=(0, 1, 3)).stdout
        told = {"findings": [{"message": message, "place": f"[Ln {line + 1}, Col {column + 1}]"}
                             for message, line, column, _, _ in reported(ORDERS, what="message")],
                "translates": translates(), "lines": ORDERS.count("\n") + 1,
                "workspace": workspace, "fixed": safe, "screenshots": FOLDER, "browser": BROWSER,
                "profile": os.path.join(home, "browser")}
        with code_server(modules, env, home, extensions) as address:
            told["address"] = address
            write(home, {"told.json": json.dumps(told)})
            try:
                done = run([os.path.join(node, "node"), os.path.join(HERE, "vscode.js"),
                            os.path.join(home, "told.json")], timeout=1200,
                           env={**env, "NODE_PATH": modules})
                print(done.stdout, end="")
            finally:
                # What the extension has said is worth reading when something has failed.
                for log in glob.glob(os.path.join(home, "data", "logs", "**", "*dsqlint*.log"), recursive=True):
                    shutil.copy(log, FOLDER)
        assert read(workspace, "orders.sql").startswith(safe), read(workspace, "orders.sql")
    if not told["translates"]:
        raise Skipped("the view of translations: the language server has no dsqlint/translation")


run_cases(extension_in_vscode)
