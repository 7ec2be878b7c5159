// The language server, from its start to its end.
"use strict";

const path = require("node:path");
const vscode = require("vscode");
const { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, State } = require("vscode-languageclient/node");
const { complaint, expanded, locate, versionOf } = require("./program");

/** Those of VS Code itself, and of extensions for databases. */
const LANGUAGES = ["sql", "mysql", "mariadb", "postgres", "postgresql", "pgsql", "plpgsql"];
const SCHEMES = ["file", "untitled"];
/** Programs with SQL in them, in the folders where tools look for migrations. */
const PROGRAMS = ["python", "typescript", "javascript", "java", "ruby", "csharp"];
const MIGRATIONS = "**/{migrations,Migrations,migration,migrate,versions}/**";
const SELECTOR = [
  ...LANGUAGES.flatMap((language) => SCHEMES.map((scheme) => ({ scheme, language }))),
  ...PROGRAMS.map((language) => ({ scheme: "file", language, pattern: MIGRATIONS })),
];

const isOurs = (document) => vscode.languages.match(SELECTOR, document) > 0;
const isSql = (document) => LANGUAGES.includes(document.languageId);

/** What the server reads, and nothing else. */
function settings() {
  const all = vscode.workspace.getConfiguration("dsqlint");
  const known = {};
  for (const name of ["engine", "dialect", "select", "ignore", "config", "fixAll"]) {
    known[name] = all.get(name);
  }
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  if (known.config) {
    known.config = expanded(known.config, folder);
    if (folder !== undefined) known.config = path.resolve(folder, known.config);
  }
  return known;
}

/** Are we in a comment that is about dsqlint? */
function inDirective(document, position) {
  const before = document.lineAt(position.line).text.slice(0, position.character);
  return /(--|#|\/\/|\/\*).*\bdsqlint:/.test(before);
}

const middleware = {
  // Space and comma are ours to complete after only in comments about dsqlint, and of programs only
  // these comments are ours. Elsewhere the answer could close the list of another extension.
  provideCompletionItem(document, position, context, token, next) {
    const typed = context.triggerKind === vscode.CompletionTriggerKind.TriggerCharacter;
    if ((typed || !isSql(document)) && !inDirective(document, position)) return undefined;
    return next(document, position, context, token);
  },
  workspace: {
    configuration(params, token, next) {
      const answers = next(params, token);
      const ours = (values) =>
        params.items.map((item, i) => (item.section === "dsqlint" ? settings() : values[i]));
      return Array.isArray(answers) ? ours(answers) : answers.then(ours);
    },
  },
};

/** One server at a time; whoever starts it again waits for the one before to end. */
class Server {
  constructor(extensionPath) {
    this.extensionPath = extensionPath;
    this.output = vscode.window.createOutputChannel("dsqlint", { log: true });
    this.changed = new vscode.EventEmitter();
    this.onChange = this.changed.event;
    this.client = undefined;
    this.found = undefined; // the program that runs
    this.version = undefined;
    this.problem = undefined; // why none runs
    this.last = Promise.resolve();
  }

  get engine() {
    return this.client?.initializeResult?.capabilities?.experimental?.dsqlint?.engine;
  }

  get running() {
    return this.client?.state === State.Running;
  }

  restart() {
    this.last = this.last.then(() => this.stopNow()).then(() => this.startNow());
    return this.last;
  }

  stop() {
    this.last = this.last.then(() => this.stopNow());
    return this.last;
  }

  async startNow() {
    const found = locate({
      path: vscode.workspace.getConfiguration("dsqlint").get("path", ""),
      folder: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
      extension: this.extensionPath,
    });
    try {
      this.version = await versionOf(found.program);
    } catch (problem) {
      this.fail(complaint(found, problem));
      return;
    }
    this.found = found;
    this.problem = undefined;
    this.output.info(`${this.version}: ${found.program} (${found.source})`);
    const command = { command: found.program, args: ["lsp"] };
    this.client = new LanguageClient("dsqlint", "dsqlint", command, {
      documentSelector: SELECTOR,
      initializationOptions: settings(),
      diagnosticPullOptions: { onChange: true, onSave: true, onFocus: true },
      outputChannel: this.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      middleware,
      errorHandler: this.errorHandler(),
    });
    const client = this.client;
    client.onDidChangeState(() => {
      if (this.client === client) this.changed.fire();
    });
    try {
      await client.start();
    } catch (problem) {
      await client.dispose().catch(() => {});
      this.client = undefined;
      this.fail(`dsqlint: the language server of \`${found.program}\` does not start: ${problem.message}`);
    }
    this.changed.fire();
  }

  async stopNow() {
    const client = this.client;
    this.client = undefined;
    this.changed.fire();
    if (client === undefined) return;
    try {
      await client.dispose(5_000);
    } catch (problem) {
      this.output.warn(`the language server has not stopped in order: ${problem.message}`);
    }
  }

  /** A server that ends by itself comes back, but not for ever. */
  errorHandler() {
    const ends = [];
    return {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        const now = Date.now();
        ends.push(now);
        if (ends.filter((end) => now - end < 180_000).length < 5) {
          return { action: CloseAction.Restart, handled: true };
        }
        this.fail("dsqlint: the language server has ended five times within three minutes.", "Restart");
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    };
  }

  fail(message, again = "Try Again") {
    this.problem = message;
    this.output.error(message);
    this.changed.fire();
    void vscode.window
      .showErrorMessage(message, again, "Open Settings", "Show Output")
      .then((choice) => {
        if (choice === again) void this.restart();
        if (choice === "Show Output") this.output.show();
        if (choice === "Open Settings") {
          void vscode.commands.executeCommand("workbench.action.openSettings", "dsqlint.path");
        }
      });
  }
}

module.exports = { Server, isOurs };
