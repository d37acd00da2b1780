// What Chromium and axe-core find on pages: a JSON list, one entry for each file that is named, in order.
// Usage: node browse.mjs MODULES CHROMIUM [--shots DIR] FILE...
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, executablePath, ...rest] = process.argv.slice(2);
const shots = rest[0] === "--shots" ? rest.splice(0, 2)[1] : null;
const require = createRequire(pathToFileURL(join(modules, "x.js")));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

// Waits until colors and widths, which change by degrees, are as they stay.
async function settle() {
  for (let frames = 0; frames < 3; frames++) await new Promise(requestAnimationFrame);
  await Promise.allSettled(document.getAnimations().map((one) => one.finished));
}

// Spares axe-core the contrast of single characters in formulas, as it never calls that wrong, but takes longest for it.
function spareSingleCharacters() {
  for (const sign of document.querySelectorAll("math :not(:has(*))"))
    sign.toggleAttribute("data-single", sign.textContent.trim().length === 1);
  axe.configure({ rules: [{ id: "color-contrast", selector: ":not([data-single])" }] });
}

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
const page = await browser.newPage();
let requests, errors;
page.on("request", (request) => requests.push(request.url().slice(0, 80)));
page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
const found = [];
for (const file of rest) {
  [requests, errors] = [[], []];
  await page.goto(pathToFileURL(file).href);
  await page.evaluate(() => document.fonts.ready);
  await page.evaluate(axe);
  await page.evaluate(spareSingleCharacters);
  const violations = [], widths = {}, scrolled = {};
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    widths[width] = await page.evaluate(() => document.documentElement.scrollWidth);
    scrolled[width] = await page.evaluate(() => [...document.querySelectorAll("main *")]
      .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === "auto")
      .map((one) => `${one.localName}.${one.className}`));
    const colorScheme = width === 320 ? "dark" : "light";
    await page.emulateMedia({ colorScheme });
    await page.evaluate(settle);
    const result = await page.evaluate((values) => axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }), TAGS);
    for (const one of result.violations) {
      const [node] = one.nodes;
      violations.push(`${one.id} (${width}, ${colorScheme}, ${one.nodes.length}): ${node.html.slice(0, 160)} ${node.failureSummary}`);
    }
    if (shots) await page.screenshot({ path: join(shots, `${basename(file, ".html")}-${width}-${colorScheme}.png`), fullPage: true });
  }
  found.push({ file, violations, widths, scrolled, requests: requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:")), errors });
}
await browser.close();
console.log(JSON.stringify(found));
