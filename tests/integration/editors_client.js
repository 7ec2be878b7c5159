// Drives the language server with the client library of VS Code, and prints what it has heard as JSON.
//
//     NODE_PATH=… node editors_client.js DSQLINT FOLDER
//
// FOLDER has root/shop.sql, a text; edits.json, the changes to make in it; and large.sql, outside of the
// workspace, which takes long.
"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const rpc = require("vscode-jsonrpc/node");
const lsp = require("vscode-languageserver-protocol/node");

const [program, folder] = process.argv.slice(2);
const SHOP = "root/shop.sql";
const LARGE = "large.sql";
const uriOf = (name) => pathToFileURL(path.join(folder, name)).toString();
const textOf = (name) => fs.readFileSync(path.join(folder, name), "utf8");
const said = { messages: [], asked: [] }; // by session: what came, and the methods of our requests

/** A server, and what comes from it as bytes before the library looks at it. */
async function session(can, use) {
  const child = spawn(program, ["lsp"], { cwd: path.join(folder, "root"), stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const came = [];
  const asked = {};
  const reader = new rpc.StreamMessageReader(child.stdout);
  const writer = new rpc.StreamMessageWriter(child.stdin);
  const listen = reader.listen.bind(reader);
  reader.listen = (callback) =>
    listen((message) => {
      came.push(structuredClone(message));
      callback(message);
    });
  const write = writer.write.bind(writer);
  writer.write = (message) => {
    if (lsp.Message.isRequest(message)) asked[message.id] = message.method;
    return write(message);
  };
  const connection = lsp.createProtocolConnection(reader, writer);
  const published = new Map(); // diagnostics by URI and version
  const waiting = new Map();
  connection.onNotification(lsp.PublishDiagnosticsNotification.type, ({ uri, version, diagnostics }) => {
    published.set(`${uri} ${version}`, diagnostics);
    waiting.get(`${uri} ${version}`)?.(diagnostics);
  });
  const settings = { current: {} };
  connection.onRequest(lsp.ConfigurationRequest.type, ({ items }) => items.map(() => settings.current));
  connection.onRequest(lsp.RegistrationRequest.type, () => {});
  connection.listen();
  const started = await connection.sendRequest(lsp.InitializeRequest.type, {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: [{ uri: uriOf("root"), name: "root" }],
    capabilities: {
      workspace: {
        workspaceEdit: { documentChanges: true },
        configuration: true,
        didChangeConfiguration: { dynamicRegistration: true },
        ...(can.diagnostic && { diagnostics: { refreshSupport: true } }),
      },
      textDocument: {
        publishDiagnostics: { relatedInformation: true },
        codeAction: {
          codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "source.fixAll"] } },
          isPreferredSupport: true,
          dataSupport: true,
          resolveSupport: { properties: ["edit"] },
        },
        ...can,
      },
    },
  });
  await connection.sendNotification(lsp.InitializedNotification.type, {});
  const documents = new Map();
  const tools = {
    connection,
    started,
    settings,
    async open(name) {
      documents.set(name, 1);
      await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, {
        textDocument: { uri: uriOf(name), languageId: "sql", version: 1, text: textOf(name) },
      });
    },
    async edit(name, contentChanges) {
      const version = documents.get(name) + 1;
      documents.set(name, version);
      await connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, {
        textDocument: { uri: uriOf(name), version },
        contentChanges,
      });
      return version;
    },
    diagnostics(name, version) {
      const key = `${uriOf(name)} ${version}`;
      if (published.has(key)) return published.get(key);
      return new Promise((resolve) => waiting.set(key, resolve));
    },
    actions(name, range, context) {
      return connection.sendRequest(lsp.CodeActionRequest.type, {
        textDocument: { uri: uriOf(name) },
        range,
        context: { diagnostics: [], ...context },
      });
    },
    /** The edits of an action, and the version they are for. */
    async edits(action) {
      const whole = action.edit ? action : await connection.sendRequest(lsp.CodeActionResolveRequest.type, action);
      const [change] = whole.edit.documentChanges;
      return { version: change.textDocument.version, edits: change.edits };
    },
  };
  const result = await use(tools);
  await connection.sendRequest(lsp.ShutdownRequest.type);
  await connection.sendNotification(lsp.ExitNotification.type);
  const code = await ended;
  connection.dispose();
  said.messages.push(came);
  said.asked.push(asked);
  return { ...result, code };
}

const WHOLE = { start: { line: 0, character: 0 }, end: { line: 1000, character: 0 } };
const codeOf = (promise) => promise.then(() => 0, (problem) => problem.code);

/** The server sends diagnostics by itself. */
const pushing = (tools) => async () => {
  const found = {};
  const { edits, open, edit, diagnostics, actions, connection, settings } = tools;
  await open(SHOP);
  found.opened = await diagnostics(SHOP, 1);
  const changes = JSON.parse(textOf("edits.json"));
  let version = 1;
  for (const change of changes) version = await edit(SHOP, change);
  found.edited = await diagnostics(SHOP, version);
  found.version = version;
  // The fix of each finding by itself.
  found.quick = [];
  for (const diagnostic of found.edited) {
    const [fix] = await actions(SHOP, diagnostic.range, { diagnostics: [diagnostic], only: ["quickfix"] });
    found.quick.push({ about: fix.diagnostics, title: fix.title, ...(await edits(fix)) });
  }
  const fixAll = () => actions(SHOP, WHOLE, { only: ["source.fixAll.dsqlint"] });
  found.safe = await edits((await fixAll())[0]);
  settings.current = { fixAll: "all" };
  await connection.sendNotification(lsp.DidChangeConfigurationNotification.type, { settings: null });
  // The server asks for the settings, and whatever comes after our answer knows them.
  let all = (await fixAll())[0];
  for (let i = 0; i < 100 && !all.title.endsWith("all fixes"); ++i) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    all = (await fixAll())[0];
  }
  found.all = await edits(all);
  // What was offered for an older text is refused.
  await edit(SHOP, [{ text: "select 1;\n" }]);
  found.stale = await codeOf(edits(all));
  return found;
};

/** The client asks for diagnostics. */
const pulling = (tools) => async () => {
  const found = {};
  const { open, edit, connection, started } = tools;
  const pull = (name, more = {}, token = undefined) =>
    connection.sendRequest(
      lsp.DocumentDiagnosticRequest.type,
      { textDocument: { uri: uriOf(name) }, ...more },
      token,
    );
  found.provider = started.capabilities.diagnosticProvider;
  await open(SHOP);
  found.first = await pull(SHOP);
  found.again = await pull(SHOP, { previousResultId: found.first.resultId });
  for (const change of JSON.parse(textOf("edits.json"))) await edit(SHOP, change);
  found.edited = await pull(SHOP, { previousResultId: found.first.resultId });
  const partial = [];
  const token = "workspace";
  connection.onProgress(lsp.WorkspaceDiagnosticRequest.partialResult, token, (value) => partial.push(value));
  const whole = await connection.sendRequest(lsp.WorkspaceDiagnosticRequest.type, {
    previousResultIds: [],
    partialResultToken: token,
  });
  found.workspace = [...whole.items, ...partial.flatMap(({ items }) => items)].map(
    ({ uri, items }) => [path.basename(uri), items.length],
  );
  // Stopped while it works; what comes after is answered at once.
  await open(LARGE);
  const stop = new lsp.CancellationTokenSource();
  const stopped = codeOf(pull(LARGE, {}, stop.token));
  await new Promise((resolve) => setTimeout(resolve, 50));
  stop.cancel();
  found.stopped = await stopped;
  found.after = (await pull(SHOP)).items.length;
  return found;
};

async function main() {
  said.pushed = await session({}, (tools) => pushing(tools)());
  said.pulled = await session({ diagnostic: { relatedDocumentSupport: true } }, (tools) => pulling(tools)());
  process.stdout.write(JSON.stringify(said));
}

main().catch((problem) => {
  console.error(problem);
  process.exit(1);
});
