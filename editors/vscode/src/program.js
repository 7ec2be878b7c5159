// Finds the program `dsqlint`: the setting, the one inside the extension, the PATH.
"use strict";

const { execFile } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { promisify } = require("node:util");

/** `~` and `${workspaceFolder}` as people write them into settings. */
function expanded(text, folder) {
  return text
    .replace(/^~(?=[/\\]|$)/, os.homedir())
    .replaceAll("${workspaceFolder}", folder ?? "");
}

/**
 * Which program to start, and where that was said.
 * @param {{path: string, folder: string | undefined, extension: string, platform?: string}} from
 */
function locate({ path: setting, folder, extension, platform = process.platform }) {
  if (setting.trim() !== "") {
    return { program: expanded(setting.trim(), folder), source: "setting" };
  }
  const name = platform === "win32" ? "dsqlint.exe" : "dsqlint";
  const bundled = path.join(extension, "bin", name);
  if (fs.existsSync(bundled)) return { program: bundled, source: "extension" };
  return { program: name, source: "PATH" };
}

/** What to tell where it is not there or does not run; the next step is in the message. */
function complaint({ program, source }, problem) {
  const missing = problem.code === "ENOENT";
  if (source === "setting") {
    return missing
      ? `dsqlint: the setting \`dsqlint.path\` names \`${program}\`, which does not exist. Correct the setting, or remove it.`
      : `dsqlint: \`${program}\`, which the setting \`dsqlint.path\` names, cannot be run: ${problem.message.trim()}`;
  }
  return missing
    ? "dsqlint: there is no program `dsqlint` on the PATH. Install it, or set `dsqlint.path` to where it is."
    : `dsqlint: \`${program}\` cannot be run: ${problem.message.trim()}. Set \`dsqlint.path\` to one that runs here.`;
}

/** The version of a program that runs; throws what execFile throws. */
async function versionOf(program) {
  const { stdout } = await promisify(execFile)(program, ["--version"], { timeout: 10_000 });
  return stdout.trim();
}

/** All rules, as `dsqlint rules` prints them. */
async function rulesOf(program) {
  const { stdout } = await promisify(execFile)(program, ["rules", "--format", "json"], {
    timeout: 10_000,
    maxBuffer: 64 << 20,
  });
  return JSON.parse(stdout);
}

module.exports = { complaint, expanded, locate, rulesOf, versionOf };
