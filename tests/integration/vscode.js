// Uses VS Code in a browser as people do, looks at what it shows, and takes a picture at each step.
//
//     NODE_PATH=… node vscode.js TOLD.json
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { chromium } = require("playwright-core");

const told = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const PATIENCE = 120_000; // a busy machine is slow, and nothing below waits without need

let page;
let pictures = 0;

async function picture(name) {
  const number = String(++pictures).padStart(2, "0");
  await page.screenshot({ path: path.join(told.screenshots, `${number}-${name}.png`) });
}

async function until(what, test) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await test();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await page.waitForTimeout(100);
  }
}

const texts = (selector) =>
  page.locator(selector).evaluateAll((found) => found.map((one) => one.textContent.replaceAll("\u00a0", " ")));

const quickInput = () => page.locator(".quick-input-widget:visible input[type=text], .quick-input-widget:visible input.input").first();

/** What Enter takes; the list changes while one types. */
const focusedRow = (text) =>
  until(`the row ${text}`, async () =>
    (await texts(".quick-input-widget .monaco-list-row.focused")).some((row) => row.includes(text)));

async function run(command) {
  await page.keyboard.press("F1");
  await quickInput().waitFor({ timeout: PATIENCE });
  await quickInput().fill(`>${command}`);
  await focusedRow(command);
  await page.keyboard.press("Enter");
}

async function open(file) {
  await page.keyboard.press("Control+p");
  await quickInput().waitFor({ timeout: PATIENCE });
  await quickInput().fill(file);
  await focusedRow(file);
  await page.keyboard.press("Enter");
  await page.locator(`.tab.active[data-resource-name="${file}"]`).waitFor({ timeout: PATIENCE });
}

/** The cursor after the last character of the file, which has `lines` lines. */
async function toEnd(lines) {
  await until("the end of the file", async () => {
    await page.keyboard.press("Control+1");
    await page.keyboard.press("Control+End");
    await page.waitForTimeout(200);
    return (await texts(".statusbar-item")).some((item) => item.includes(`Ln ${lines}, Col 1`) && !item.includes("selected"));
  });
}

const status = () => texts(".statusbar-item").then((items) => items.find((item) => /\bDSQL\b/.test(item)));
const squiggles = () => page.locator(".squiggly-error, .squiggly-warning, .squiggly-info").count();
const onDisk = () => fs.readFileSync(path.join(told.workspace, "orders.sql"), "utf8");

const steps = {
  async "a text file starts nothing"() {
    await open("notes.txt");
    await page.waitForTimeout(1000);
    assert.equal(await status(), undefined);
  },

  async "squiggles under what is found"() {
    await open("orders.sql");
    await until("squiggles", async () => (await squiggles()) > 0);
    await picture("squiggles");
  },

  async "the date in the status bar"() {
    await until("the date", async () => /DSQL (newest|\d{4}-\d{2}-\d{2})/.test((await status()) ?? ""));
  },

  async "the list of problems is that of dsqlint check"() {
    await run("Problems: Focus on Problems View");
    // Only the rows in sight are there. A row has the first line of the message; notes stand below it.
    const shown = new Set();
    await until("the problems", async () => {
      for (const row of await texts(".markers-panel .monaco-list-row")) shown.add(row);
      const missing = told.findings.find(({ message, place }) =>
        ![...shown].some((row) => row.includes(message) && row.includes(place)));
      if (missing !== undefined) await page.keyboard.press("PageDown");
      return missing === undefined;
    });
    await picture("problems");
  },

  async "hover tells about the rule"() {
    await page.locator(".view-line", { hasText: "truncate" }).locator("span", { hasText: "truncate" }).last().hover();
    await until("the hover", async () => (await texts(".monaco-hover")).some((text) => text.includes("cannot be truncated")));
    await picture("hover");
    await page.mouse.move(5, 5);
    await run("View: Hide Panel");
  },

  async "completions of the extension for a database stay"() {
    await toEnd(told.lines);
    await page.keyboard.type("select ");
    await until("the completions", async () =>
      (await texts(".suggest-widget .monaco-list-row")).some((row) => row.includes("stub_table_of_the_database")));
    await picture("completions");
    await page.keyboard.press("Escape");
    for (let i = 0; i < "select ".length; ++i) await page.keyboard.press("Backspace");
  },

  async "ids of rules in comments about dsqlint"() {
    await toEnd(told.lines);
    await page.keyboard.type("-- dsqlint: ignore ");
    await until("the rules", async () =>
      (await texts(".suggest-widget .monaco-list-row")).some((row) => row.includes("truncate")));
    await picture("rules");
    await page.keyboard.press("Escape");
    for (let i = 0; i < "-- dsqlint: ignore ".length; ++i) await page.keyboard.press("Backspace");
  },

  async "fixes on save"() {
    await toEnd(told.lines);
    await page.keyboard.type("-- more\n");
    await page.keyboard.press("Control+s");
    await until("the fixed file", () => onDisk() === `${told.fixed}-- more\n`);
    await picture("fixed-on-save");
  },

  async "another date"() {
    await page.locator(".statusbar-item", { hasText: "DSQL" }).click();
    await quickInput().waitFor({ timeout: PATIENCE });
    await until("the dates", async () =>
      (await texts(".quick-input-widget .monaco-list-row")).some((row) => row.includes("2026-08-26")));
    await picture("dates");
    await quickInput().fill("2026-08-26");
    await focusedRow("2026-08-26");
    await page.keyboard.press("Enter");
    await until("the date in the status bar", async () => ((await status()) ?? "").includes("DSQL 2026-08-26"));
    const settings = JSON.parse(fs.readFileSync(path.join(told.workspace, ".vscode/settings.json"), "utf8"));
    assert.equal(settings["dsqlint.engine"], "2026-08-26");
    await picture("date");
  },

  async "the page of a rule"() {
    await run("dsqlint: Explain a Rule");
    await until("the rules", async () =>
      (await texts(".quick-input-widget .monaco-list-row")).some((row) => row.includes("serial_type")));
    await quickInput().fill("serial_type");
    await focusedRow("serial_type");
    await page.keyboard.press("Enter");
    await page.locator(".tab.active[data-resource-name^=serial_type]").waitFor({ timeout: PATIENCE });
    await picture("rule");
  },

  async "a restart finds the same"() {
    await open("orders.sql");
    const before = await until("squiggles", squiggles);
    await run("dsqlint: Restart the Language Server");
    await page.waitForTimeout(1000);
    await until("the squiggles again", async () => (await squiggles()) === before);
  },

  async "MySQL, and its translation beside it"() {
    await open("customers.mysql");
    await until("squiggles", async () => (await squiggles()) > 0);
    await run("dsqlint: Show the Translation of MySQL");
    if (!told.translates) {
      await until("the message", async () =>
        (await texts(".notification-list-item-message")).some((text) => text.includes("cannot show translations")));
      await picture("no-translation");
      return;
    }
    const view = page.locator('.editor-group-container:has(.tab.active[data-resource-name="customers (PostgreSQL).sql"])');
    const shown = () => view.locator(".view-lines").evaluate((lines) => lines.textContent.replaceAll("\u00a0", " "));
    await until("the translation", async () => (await view.count()) === 1 && (await shown()).includes("BIGINT NOT NULL"));
    await picture("translation");
    // It follows the source.
    await page.locator(".view-line", { hasText: "ENGINE=InnoDB" }).click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("CREATE TABLE `added` (`id` int NOT NULL PRIMARY KEY);");
    await until("the new translation", async () => (await shown()).includes("added"));
    await picture("translation-follows");
  },

  async "a program that is not there, and what to do"() {
    const settings = path.join(told.workspace, ".vscode/settings.json");
    const before = fs.readFileSync(settings, "utf8");
    fs.writeFileSync(settings, JSON.stringify({ ...JSON.parse(before), "dsqlint.path": "/nowhere/dsqlint" }));
    await until("the message", async () =>
      (await texts(".notification-list-item-message")).some((text) => /\/nowhere\/dsqlint.*does not exist/.test(text)));
    await until("the status", async () => (await status())?.trim() === "DSQL");
    await picture("missing");
    fs.writeFileSync(settings, before);
    await until("the date", async () => ((await status()) ?? "").includes("DSQL 2026-08-26"));
  },
};

async function main() {
  const context = await chromium.launchPersistentContext(told.profile, {
    executablePath: told.browser,
    headless: true,
    args: FLAGS,
    viewport: { width: 1400, height: 900 },
  });
  try {
    page = context.pages()[0] ?? (await context.newPage());
    page.setDefaultTimeout(PATIENCE);
    page.setDefaultNavigationTimeout(2 * PATIENCE);
    await page.goto(`${told.address}/?folder=${encodeURIComponent(told.workspace)}`);
    await page.locator(".monaco-workbench .explorer-folders-view .monaco-list-row").first().waitFor({ timeout: 2 * PATIENCE });
    for (const [name, step] of Object.entries(steps)) {
      try {
        await step();
      } catch (problem) {
        await picture("failed").catch(() => {});
        throw new Error(`${name}: ${problem.message}`);
      }
      console.log(`vscode: ${name}`);
    }
  } finally {
    await context.close();
  }
}

main().catch((problem) => {
  console.error(problem.message);
  process.exit(1);
});
