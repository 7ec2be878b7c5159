// The translation of a MySQL document, beside it, and as current as it.
"use strict";

const vscode = require("vscode");

const SCHEME = "dsqlint-translation";
const REST = 300; // milliseconds without typing

const viewOf = (source) =>
  vscode.Uri.from({
    scheme: SCHEME,
    path: source.path.replace(/(\.\w+)?$/, " (PostgreSQL).sql"),
    query: source.toString(),
  });

class Translations {
  constructor(server) {
    this.server = server;
    this.texts = new Map(); // what is shown, by the view's URI
    this.timers = new Map();
    this.changed = new vscode.EventEmitter();
    this.onDidChange = this.changed.event;
    this.parts = [
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.renewLater(document.uri)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.texts.delete(uri.toString())),
      server.onChange(() => {
        if (server.running) for (const view of this.texts.keys()) this.changed.fire(vscode.Uri.parse(view));
      }),
    ];
  }

  async provideTextDocumentContent(view) {
    const key = view.toString();
    try {
      const source = vscode.Uri.parse(view.query);
      const { text } = await this.ask(source);
      this.texts.set(key, text);
    } catch (problem) {
      // What was overtaken by an edit is asked for again; until then the old text stays.
      const old = this.texts.get(key);
      if (old === undefined) this.texts.set(key, `-- dsqlint: ${problem.message}\n`);
    }
    return this.texts.get(key);
  }

  async ask(source) {
    const { client, running } = this.server;
    if (client === undefined || !running) throw new Error("the language server does not run");
    await vscode.workspace.openTextDocument(source);
    return client.sendRequest("dsqlint/translation", { textDocument: { uri: source.toString() } });
  }

  renewLater(source) {
    const view = viewOf(source);
    const key = view.toString();
    if (!this.texts.has(key)) return;
    clearTimeout(this.timers.get(key));
    this.timers.set(
      key,
      setTimeout(() => {
        this.timers.delete(key);
        this.changed.fire(view);
      }, REST),
    );
  }

  /** @param {vscode.TextDocument} document */
  async show(document) {
    // Asked for before anything opens, so that what is wrong is a message and not an empty view.
    const view = viewOf(document.uri);
    try {
      const { text } = await this.ask(document.uri);
      this.texts.set(view.toString(), text);
    } catch (problem) {
      const old = problem.code === -32601;
      void vscode.window.showErrorMessage(
        old
          ? `${this.server.version} cannot show translations yet. Install a newer one.`
          : `dsqlint: ${problem.message}`,
      );
      return;
    }
    this.changed.fire(view);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(view), {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: true,
    });
  }

  dispose() {
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const part of this.parts) part.dispose();
  }
}

module.exports = { Translations };
