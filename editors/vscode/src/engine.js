// The date of Aurora DSQL: shown in the status bar, and chosen there.
"use strict";

const vscode = require("vscode");
const { rulesOf } = require("./program");
const { isOurs } = require("./server");

const chosen = () => vscode.workspace.getConfiguration("dsqlint").get("engine", "").trim();

class EngineStatus {
  constructor(server) {
    this.server = server;
    this.item = vscode.window.createStatusBarItem("dsqlint.engine", vscode.StatusBarAlignment.Right, 90);
    this.item.name = "dsqlint: Date of Aurora DSQL";
  }

  show() {
    const document = vscode.window.activeTextEditor?.document;
    const active = document !== undefined && isOurs(document);
    void vscode.commands.executeCommand("setContext", "dsqlint.active", active);
    if (!active) return this.item.hide();
    const { problem, running, version, engine } = this.server;
    this.item.backgroundColor = undefined;
    this.item.command = "dsqlint.selectEngine";
    if (problem !== undefined) {
      this.item.text = "$(warning) DSQL";
      this.item.tooltip = `${problem}\n\nClick to try again.`;
      this.item.command = "dsqlint.restart";
      this.item.backgroundColor = new vscode.ThemeColor("statusBarItem.warningBackground");
    } else if (!running) {
      this.item.text = "$(loading~spin) DSQL";
      this.item.tooltip = "dsqlint: the language server starts";
    } else {
      const date = chosen() || engine || "newest";
      this.item.text = `$(database) DSQL ${date}`;
      this.item.tooltip =
        (chosen()
          ? `SQL is checked against the Aurora DSQL of ${date}, as the settings say.`
          : `SQL is checked against the newest Aurora DSQL that ${version} knows, unless dsqlint.toml names a date.`) +
        "\nClick to select a date.";
    }
    this.item.accessibilityInformation = { label: this.item.text.replace(/\$\([^)]*\) /, "") };
    return this.item.show();
  }

  dispose() {
    this.item.dispose();
  }
}

/** What has come to be accepted, day by day, the newest first. */
function days(rules) {
  const found = new Map();
  const add = (day, what) => found.set(day, [...(found.get(day) ?? []), what]);
  for (const rule of rules) {
    if (rule.accepted_since) add(rule.accepted_since, rule.id);
    for (const part of rule.accepted_parts ?? []) add(part.since, part.what);
  }
  return [...found].sort(([a], [b]) => (a < b ? 1 : -1));
}

async function selectEngine(server) {
  const newest = server.engine;
  const now = chosen();
  const rules = server.found === undefined ? [] : await rulesOf(server.found.program).catch(() => []);
  const mark = (date) => (date === now ? "$(check) " : "");
  const items = [
    {
      label: mark("") + "Newest",
      description: newest,
      detail: "dsqlint.toml may name another date",
      date: "",
    },
    { label: "Another Date…", detail: "Any day, such as 2026-08-01" },
    { label: "Aurora DSQL began to accept", kind: vscode.QuickPickItemKind.Separator },
    ...days(rules).map(([date, what]) => ({
      label: mark(date) + date,
      description: what.join(", "),
      date,
    })),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: "Check SQL against the Aurora DSQL of",
    placeHolder: now || "newest",
    matchOnDescription: true,
  });
  if (picked === undefined) return;
  let date = picked.date;
  if (date === undefined) {
    date = await vscode.window.showInputBox({
      title: "Check SQL against the Aurora DSQL of",
      prompt: "A date: YEAR-MONTH-DAY",
      value: now || newest,
      validateInput: (text) =>
        /^\d{4}-\d{2}-\d{2}$/.test(text.trim()) ? undefined : "A date is required, such as 2026-08-01.",
    });
    if (date === undefined) return;
  }
  const target = vscode.workspace.workspaceFolders
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await vscode.workspace
    .getConfiguration("dsqlint")
    .update("engine", date.trim() === "" ? undefined : date.trim(), target);
}

module.exports = { EngineStatus, days, selectEngine };
