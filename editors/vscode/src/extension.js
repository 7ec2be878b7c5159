// dsqlint in VS Code: the language server, a date in the status bar, and commands.
"use strict";

const vscode = require("vscode");
const { ExecuteCommandRequest } = require("vscode-languageclient/node");
const { EngineStatus, selectEngine } = require("./engine");
const { rulesOf } = require("./program");
const { Server, isOurs } = require("./server");
const { Translations } = require("./translation");

let server;

/** The document that commands are about; says what to do where there is none. */
function activeDocument() {
  const document = vscode.window.activeTextEditor?.document;
  if (document !== undefined && isOurs(document)) return document;
  void vscode.window.showInformationMessage("dsqlint: open an SQL file or a migration first.");
  return undefined;
}

async function fixAll() {
  if (activeDocument() === undefined) return;
  await vscode.commands.executeCommand("editor.action.sourceAction", {
    kind: "source.fixAll.dsqlint",
    apply: "first",
  });
}

/** Rules that are broken at the cursor come first, then those of the file. */
function rulesInSight() {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return [];
  const found = vscode.languages
    .getDiagnostics(editor.document.uri)
    .filter(({ source }) => source === "dsqlint");
  const here = found.filter(({ range }) => range.start.line <= editor.selection.active.line &&
    editor.selection.active.line <= range.end.line);
  const id = ({ code }) => String(typeof code === "object" ? code.value : code);
  return [...new Set([...here, ...found].map(id))];
}

async function explainRule(rule) {
  if (server.found === undefined || !server.running) {
    void vscode.window.showErrorMessage(server.problem ?? "dsqlint: the language server does not run.");
    return;
  }
  let id = typeof rule === "string" ? rule : undefined;
  if (id === undefined) {
    const rules = await rulesOf(server.found.program);
    const item = ({ id: label, summary }) => ({ label, description: summary });
    const near = rulesInSight().flatMap((one) => rules.filter((known) => known.id === one));
    const separator = (label) => ({ label, kind: vscode.QuickPickItemKind.Separator });
    const picked = await vscode.window.showQuickPick(
      [
        ...(near.length === 0 ? [] : [separator("in this file"), ...near.map(item), separator("all rules")]),
        ...rules.filter((known) => !near.includes(known)).map(item),
      ],
      { title: "Explain a rule of dsqlint", matchOnDescription: true },
    );
    id = picked?.label;
  }
  if (id === undefined) return;
  await server.client.sendRequest(ExecuteCommandRequest.type, {
    command: "dsqlint.openRule",
    arguments: [id],
  });
}

function activate(context) {
  server = new Server(context.extensionPath);
  const status = new EngineStatus(server);
  const translations = new Translations(server);
  const command = (name, action) => vscode.commands.registerCommand(`dsqlint.${name}`, action);
  context.subscriptions.push(
    server.output,
    status,
    translations,
    command("fixAll", fixAll),
    command("explainRule", explainRule),
    command("selectEngine", () => selectEngine(server)),
    command("restart", () => server.restart()),
    command("showOutput", () => server.output.show()),
    command("showTranslation", async () => {
      const document = activeDocument();
      if (document !== undefined) await translations.show(document);
    }),
    server.onChange(() => status.show()),
    vscode.window.onDidChangeActiveTextEditor(() => status.show()),
    vscode.workspace.onDidOpenTextDocument(() => status.show()), // the language may have changed
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("dsqlint.path")) void server.restart();
      if (event.affectsConfiguration("dsqlint.engine")) status.show();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.restart()),
  );
  status.show();
  void server.restart();
}

function deactivate() {
  return server?.stop();
}

module.exports = { activate, deactivate };
