#!/usr/bin/env python3
"""A client of other people's drives the language server; every message that it sends is held
against LSP's meta-model.

    lsp.py --program dsqlint --source CHECKOUT --build FOLDER --tools FOLDER

The meta-model is taken from DSQLINT_SCHEMAS, or from ../shared/schemas beside the checkout.
"""

import json
import os
import queue
import subprocess
import tempfile
import threading
import time

from tools import Skipped, arguments, lsp_tools, read, run, run_cases, write

ARGUMENTS = arguments()
PROGRAM = ARGUMENTS.program

SHOP = ("-- é😀\ncreate table orders (\n  id serial primary key, /* é😀 */ note jsonb\n);\n"
        "create index orders_note on orders (note);\n"
        "create index async orders_id on orders using btree (id); -- é\ncreate temp table t (id uuid primary key);\n")
CAN = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"workspaceEdit": {"documentChanges": True}, "configuration": True,
                  "didChangeWatchedFiles": {"dynamicRegistration": True},
                  "didChangeConfiguration": {"dynamicRegistration": True}},
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}},
                       "dataSupport": True, "resolveSupport": {"properties": ["edit"]}},
        "publishDiagnostics": {"relatedInformation": True},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True}},
    "window": {"showDocument": {"support": True}},
}


# --- A small client of ours: it sees the bytes ----------------------------------------------------

class Server:
    def __init__(self, folder):
        self.child = subprocess.Popen([PROGRAM, "lsp"], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder)
        self.heard = []  # every message
        self.asked = {}  # methods of our requests by id
        self.waiting = queue.Queue()
        self.kept = []
        self.next_id = 0
        self.reader = threading.Thread(target=self.listen, daemon=True)
        self.reader.start()

    def listen(self):
        out = self.child.stdout
        while True:
            header = out.readline()
            if not header:
                break
            assert header.startswith(b"Content-Length: "), header
            assert out.readline() == b"\r\n"
            message = json.loads(out.read(int(header.split(b":")[1])))
            self.heard.append(message)
            self.waiting.put(message)
        self.waiting.put(None)

    def raw(self, data):
        self.child.stdin.write(data)
        self.child.stdin.flush()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode()
        self.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def ask(self, method, params):
        self.next_id += 1
        self.asked[self.next_id] = method
        self.send({"id": self.next_id, "method": method, "params": params})
        return self.next_id

    def wait(self, wanted, seconds=30):
        """The first message that `wanted` accepts; others are kept for later."""
        for message in self.kept:
            if wanted(message):
                self.kept.remove(message)
                return message
        end = time.monotonic() + seconds
        while True:
            message = self.waiting.get(timeout=max(0.01, end - time.monotonic()))
            assert message is not None, "the server is gone: " + self.child.stderr.read().decode()
            if wanted(message):
                return message
            self.kept.append(message)

    def answer(self, number):
        return self.wait(lambda m: m.get("id") == number and "method" not in m)

    def call(self, method, params):
        answer = self.answer(self.ask(method, params))
        assert "error" not in answer, answer
        return answer["result"]

    def start(self, folder, can=None):
        result = self.call("initialize", {
            "processId": None, "rootUri": None, "capabilities": CAN if can is None else can,
            "workspaceFolders": [{"uri": "file://" + folder, "name": "root"}]})
        self.notify("initialized", {})
        return result

    def open(self, uri, text, language="sql"):
        self.notify("textDocument/didOpen", {"textDocument": {
            "uri": uri, "languageId": language, "version": 1, "text": text}})

    def change(self, uri, version, text):
        self.notify("textDocument/didChange", {
            "textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]})

    def diagnostics(self, uri, version):
        return self.wait(lambda m: m.get("method") == "textDocument/publishDiagnostics"
                         and m["params"]["uri"] == uri
                         and m["params"].get("version") == version)["params"]["diagnostics"]

    def end(self):
        assert self.call("shutdown", None) is None
        self.notify("exit", None)
        assert self.child.wait(10) == 0
        assert self.child.stderr.read() == b""


def apply(text, edits):
    """As an editor does that counts in UTF-16."""
    units = text.encode("utf-16-le")
    begins = [0]
    for line in text.splitlines(keepends=True):
        begins.append(begins[-1] + len(line.encode("utf-16-le")))

    def offset(place):
        return begins[place["line"]] + 2 * place["character"]

    for edit in sorted(edits, key=lambda e: offset(e["range"]["start"]), reverse=True):
        begin, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        units = units[:begin] + edit["newText"].encode("utf-16-le") + units[end:]
    return units.decode("utf-16-le")


# --- The meta-model -------------------------------------------------------------------------------

class MetaModel:
    """Enough of LSP's own description of itself to hold messages against it."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            model = json.load(file)
        self.structures = {s["name"]: s for s in model["structures"]}
        self.enumerations = {e["name"]: e for e in model["enumerations"]}
        self.aliases = {a["name"]: a for a in model["typeAliases"]}
        self.requests = {r["method"]: r for r in model["requests"]}
        self.notifications = {n["method"]: n for n in model["notifications"]}

    BASE = {"string": str, "DocumentUri": str, "URI": str, "RegExp": str, "boolean": bool,
            "null": type(None)}

    def wrong(self, value, kind, at="$"):
        """Why the value is not of that type; None where it is."""
        sort = kind["kind"]
        if sort == "base":
            name = kind["name"]
            if name in ("integer", "uinteger", "decimal"):
                good = isinstance(value, (int, float)) and not isinstance(value, bool)
                good = good and (name != "uinteger" or value >= 0)
            else:
                good = isinstance(value, self.BASE[name])
            return None if good else f"{at}: no {name}: {value!r}"
        if sort == "array":
            if not isinstance(value, list):
                return f"{at}: no array"
            return self.first(self.wrong(v, kind["element"], f"{at}[{i}]")
                              for i, v in enumerate(value))
        if sort == "map":
            if not isinstance(value, dict):
                return f"{at}: no map"
            return self.first(self.wrong(v, kind["value"], f"{at}.{k}") for k, v in value.items())
        if sort == "tuple":
            if not isinstance(value, list) or len(value) != len(kind["items"]):
                return f"{at}: no tuple"
            return self.first(self.wrong(v, k, at) for v, k in zip(value, kind["items"]))
        if sort == "or":
            reasons = [self.wrong(value, item, at) for item in kind["items"]]
            return None if None in reasons else " or ".join(reasons)
        if sort == "and":
            return self.first(self.wrong(value, item, at) for item in kind["items"])
        if sort == "stringLiteral":
            return None if value == kind["value"] else f"{at}: not {kind['value']!r}"
        if sort == "literal":
            return self.wrong_object(value, kind["value"]["properties"], at)
        assert sort == "reference", sort
        return self.wrong_named(value, kind["name"], at)

    @staticmethod
    def first(reasons):
        return next((reason for reason in reasons if reason is not None), None)

    def wrong_named(self, value, name, at):
        if name in ("LSPAny", "LSPObject", "LSPArray"):
            return None
        if name in self.aliases:
            return self.wrong(value, self.aliases[name]["type"], at)
        if name in self.enumerations:
            one = self.enumerations[name]
            known = one.get("supportsCustomValues") or any(v["value"] == value for v in one["values"])
            return None if known else f"{at}: no {name}: {value!r}"
        return self.wrong_object(value, self.properties(name), at)

    def properties(self, name):
        structure = self.structures[name]
        found = list(structure["properties"])
        for base in structure.get("extends", []) + structure.get("mixins", []):
            found += self.properties(base["name"])
        return found

    def wrong_object(self, value, properties, at):
        if not isinstance(value, dict):
            return f"{at}: no object"
        known = {p["name"]: p for p in properties}
        for name, one in known.items():
            if name not in value:
                if not one.get("optional"):
                    return f"{at}: no {name}"
                continue
            reason = self.wrong(value[name], one["type"], f"{at}.{name}")
            if reason is not None:
                return reason
        unknown = set(value) - set(known)
        return f"{at}: unknown: {', '.join(sorted(unknown))}" if unknown else None

    def wrong_message(self, message, asked):
        """Of one that the server has sent; `asked` are the methods that its answers are for."""
        if "method" in message:
            method = message["method"]
            known = self.requests if "id" in message else self.notifications
            if method not in known:
                return f"{method} is not known"
            kind = known[method].get("params")
            if kind is None:
                return None if message.get("params") is None else f"{method}: params"
            if method == "$/progress":
                return None
            return self.wrong(message.get("params"), kind, method)
        if "error" in message:
            good = isinstance(message["error"]["code"], int)
            return None if good and message["error"]["message"] else "an error without words"
        return self.wrong(message["result"], self.requests[asked[message["id"]]]["result"],
                          asked[message["id"]])


def meta_model():
    folder = os.environ.get("DSQLINT_SCHEMAS",
                            os.path.join(ARGUMENTS.source, "..", "shared", "schemas"))
    path = os.path.join(folder, "lsp-3.17-metaModel.json")
    if not os.path.exists(path):
        raise Skipped("LSP's meta-model is not there")
    return MetaModel(path)


# --- Cases ----------------------------------------------------------------------------------------

def messages_are_those_of_the_protocol():
    model = meta_model()
    assert model.wrong({"uri": "a", "range": {}}, {"kind": "reference", "name": "Location"})
    for pulls in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            write(folder, {"db/0001_a.sql": SHOP, "db/0002_b.sql": "alter table orders add x int;\n",
                           "c.sql": "truncate orders; -- dsqlint: ignore \n",
                           "goose/1_a.sql": "-- +goose Up\ncreate table a (id uuid primary key);\n"})
            server = Server(folder)
            can = json.loads(json.dumps(CAN))
            if pulls:
                can["textDocument"]["diagnostic"] = {}
                can["workspace"]["diagnostics"] = {"refreshSupport": True}
            server.start(folder, can)
            uri = f"file://{folder}/db/0001_a.sql"
            other = f"file://{folder}/c.sql"
            server.open(uri, SHOP)
            server.open(other, read(folder, "c.sql"))
            if pulls:
                server.call("textDocument/diagnostic", {"textDocument": {"uri": uri}})
                server.call("workspace/diagnostic", {"previousResultIds": []})
            else:
                server.diagnostics(uri, 1)
            here = {"textDocument": {"uri": uri}}
            whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
            actions = server.call("textDocument/codeAction",
                                  {**here, "range": whole, "context": {"diagnostics": []}})
            for action in actions:
                if "data" in action:
                    server.call("codeAction/resolve", action)
            place = {"line": 1, "character": 15}
            for method in ("hover", "definition", "documentSymbol"):
                server.call(f"textDocument/{method}", {**here, "position": place})
            server.call("textDocument/hover", {**here, "position": {"line": 2, "character": 6}})
            server.call("textDocument/references",
                        {**here, "position": place, "context": {"includeDeclaration": True}})
            server.call("textDocument/completion", {"textDocument": {"uri": other},
                                                    "position": {"line": 0, "character": 36}})
            server.call("workspace/symbol", {"query": ""})
            hints = server.call("textDocument/inlayHint", {
                "textDocument": {"uri": f"file://{folder}/goose/1_a.sql"}, "range": whole})
            assert [hint["label"] for hint in hints] == ["begin (goose)", "commit (goose)"], hints
            server.call("workspace/executeCommand",
                        {"command": "dsqlint.openRule", "arguments": ["truncate"]})
            server.answer(server.ask("workspace/executeCommand", {"command": "x"}))
            server.notify("workspace/didChangeWatchedFiles", {"changes": []})
            server.end()
            assert len(server.heard) > 12
            for message in server.heard:
                reason = model.wrong_message(message, server.asked)
                assert reason is None, f"{reason}\n{json.dumps(message)[:600]}"


def the_bytes_of_fix():
    with tempfile.TemporaryDirectory() as folder:
        write(folder, {"shop.sql": SHOP})
        wanted = run([PROGRAM, "fix", "-q", "-o", "-", "shop.sql"], expect=(0, 1, 3), cwd=folder,
                     text=False).stdout.decode()
        safe = run([PROGRAM, "fix", "-q", "--safe-only", "-o", "-", "shop.sql"], expect=(0, 1, 3),
                   cwd=folder, text=False).stdout.decode()
        server = Server(folder)
        server.start(folder)
        uri = f"file://{folder}/shop.sql"
        server.open(uri, SHOP)
        columns = {d["code"]: d["range"]["start"] for d in server.diagnostics(uri, 1)}
        assert columns["serial_type"] == {"line": 2, "character": 5}, columns
        whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
        asked = {"textDocument": {"uri": uri}, "range": whole,
                 "context": {"diagnostics": [], "only": ["source.fixAll.dsqlint"]}}

        def fixed():
            action, = server.call("textDocument/codeAction", asked)
            change, = server.call("codeAction/resolve", action)["edit"]["documentChanges"]
            assert change["textDocument"] == {"uri": uri, "version": 1}
            return apply(SHOP, change["edits"])

        assert safe != SHOP
        assert fixed() == safe
        server.notify("workspace/didChangeConfiguration", {"settings": None})
        request = server.wait(lambda m: m.get("method") == "workspace/configuration")
        request = server.wait(lambda m: m.get("method") == "workspace/configuration")
        server.send({"id": request["id"], "result": [{"fixAll": "all"}]})
        assert fixed() == wanted
        server.end()


def edits_overtake_requests():
    """Each request gets one answer, whatever comes in between."""
    with tempfile.TemporaryDirectory() as folder:
        text = "".join(f"create table t{i} (id serial primary key, a jsonb);\n" for i in range(3000))
        server = Server(folder)
        server.start(folder)
        uri = f"file://{folder}/big.sql"
        server.open(uri, text)
        asked = [server.ask("textDocument/hover", {
            "textDocument": {"uri": uri}, "position": {"line": 5, "character": 20}})
            for _ in range(5)]
        server.change(uri, 2, text + "select 1;\n")
        late = server.ask("textDocument/hover", {
            "textDocument": {"uri": uri}, "position": {"line": 5, "character": 20}})
        server.notify("$/cancelRequest", {"id": late})
        server.change(uri, 3, "truncate t;\n")
        codes = [server.answer(number).get("error", {}).get("code") for number in asked]
        assert codes[-1] == -32801 and set(codes) <= {None, -32801}, codes
        assert server.answer(late)["error"]["code"] in (-32800, -32801)
        found = server.diagnostics(uri, 3)
        assert [d["code"] for d in found] == ["truncate"], found
        server.end()
        ids = [m["id"] for m in server.heard if "method" not in m]
        assert len(ids) == len(set(ids)), "two answers to one request"
        published = [m["params"]["version"] for m in server.heard
                     if m.get("method") == "textDocument/publishDiagnostics"]
        assert published == sorted(published), published


def bad_streams():
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        server.raw(b"Content-Length: nothing\r\n\r\nGET / HTTP/1.1\r\n\r\n")
        server.raw(b"Content-Length: 2\r\n\r\n{]")
        server.start(folder)
        codes = [m["error"]["code"] for m in server.heard if "error" in m]
        assert codes == [-32700, -32700], codes
        server.end()
        # A client that dies.
        server = Server(folder)
        server.start(folder)
        server.child.stdin.close()
        assert server.child.wait(10) == 1


def pygls_client():
    python = os.path.join(lsp_tools(ARGUMENTS.tools), "python")
    with tempfile.TemporaryDirectory() as folder:
        write(folder, {"shop.sql": SHOP, "dsqlint.toml": "[severity]\nserial_type = \"warning\"\n"})
        script = os.path.join(ARGUMENTS.source, "tests", "integration", "lsp_client.py")
        said = json.loads(run([python, script, PROGRAM, folder], timeout=120).stdout)
    assert said["name"] == "dsqlint", said
    assert ["serial_type", 2, 2, 5] in said["pushed"], said
    assert said["pulled"] == said["pushed"], said
    assert "bigint" in said["fixed"], said
    assert said["hover"].startswith("**serial_type**"), said
    assert said["symbols"] == ["orders", "orders_note", "orders_id", "t"], said


if __name__ == "__main__":
    run_cases(messages_are_those_of_the_protocol, the_bytes_of_fix, edits_overtake_requests,
              bad_streams, pygls_client)
