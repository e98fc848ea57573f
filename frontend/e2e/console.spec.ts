import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Page, expect, test } from "@playwright/test";
import { openBrowser, signIn } from "./people";

/** The stack's auditor and compliance key, as `cargo xtask test` passes them. */
const AUDITOR = process.env["E2E_AUDITOR"] ?? "quinn";
const AUDITOR_PASSWORD = process.env["E2E_AUDITOR_PASSWORD"] ?? "demo password of quinn";
const KEY = process.env["E2E_COMPLIANCE_KEY"] ?? "";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function a11y(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async (runOnly) => {
    type Axe = { run(context: Document, options: { runOnly: string[] }): Promise<{ violations: { id: string }[] }> };
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run(document, { runOnly });
    return violations.map(({ id }) => id);
  }, TAGS);
}

test("an officer asks, verifies, reads what was ticked, and finds the trace", async ({ browser }) => {
  const { context, page, violations } = await openBrowser(browser);
  await page.goto("/");
  await signIn(page, AUDITOR, AUDITOR_PASSWORD);
  await page.waitForURL(/\/(?:r|rooms?)\b|\/$/);
  await expect(page.getByLabel("User name")).toBeHidden({ timeout: 45_000 });

  await page.goto("/console?order=oldest_first");
  await expect(page.getByRole("heading", { name: "Compliance console" })).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "Oldest first" })).toBeChecked();
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const rows = page.getByRole("row");
  await expect(rows.nth(1)).toContainText("sealed");

  await rows
    .nth(1)
    .getByRole("button", { name: /^Verify message/ })
    .click();
  await expect(rows.nth(1).getByText("Verified here")).toBeVisible();

  await page.getByLabel("Compliance key, to read").setInputFiles(KEY);
  await expect(page.getByRole("timer")).toHaveText(/^(?:10|9):\d\d$/);
  await rows.nth(1).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Read 1 ticked" }).click();
  await expect(rows.nth(1)).not.toContainText("sealed");
  await expect(rows.nth(2)).toContainText("sealed");

  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `out/console-${colorScheme}.png` });
    expect(await a11y(page), colorScheme).toEqual([]);
  }

  await page.getByRole("button", { name: "Drop it now" }).click();
  await expect(page.getByRole("button", { name: "Read 1 ticked" })).toBeDisabled();
  await page.getByRole("button", { name: "My access log" }).click();
  await expect(page.getByRole("cell", { name: "events queried" }).first()).toBeVisible();
  await page.getByRole("button", { name: "Health of the log" }).click();
  await expect(page.getByText("Verified here")).toBeVisible();
  expect(violations).toEqual([]);
  await context.close();
});

test("nobody but an auditor gets in", async ({ browser }) => {
  const { context, page } = await openBrowser(browser);
  await page.goto("/console");
  await expect(page.getByText("Nobody is signed in.")).toBeVisible();
  await context.close();
});
