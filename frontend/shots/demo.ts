import { readFileSync } from "node:fs";
import { type Browser, type Page, expect } from "@playwright/test";

interface Account {
  username: string;
  password: string;
}

/** A demo account, as the launcher notes them. */
export function account(username: string): Account {
  const record = JSON.parse(readFileSync(process.env["E2E_UP"] ?? "../.local/up.json", "utf8")) as {
    accounts: Account[];
  };
  const found = record.accounts.find((candidate) => candidate.username === username);
  if (!found) throw new Error(`the stack has no demo account ${username}`);
  return found;
}

interface Look {
  width?: number;
  height?: number;
  colorScheme?: "light" | "dark";
  locale?: string;
}

export async function open(browser: Browser, { width = 1280, height = 800, ...look }: Look): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce", ...look });
  return context.newPage();
}

/** Goes there once the stack answers. */
export async function visit(page: Page, address: string): Promise<void> {
  await expect(async () => void (await page.goto(address))).toPass({ timeout: 60_000 });
}

/** Signs in with the fields by their place, whatever the language. */
export async function signIn(page: Page, username: string): Promise<void> {
  await visit(page, "/");
  await page.locator("input[name=username]").fill(username);
  await page.locator("input[name=password]").fill(account(username).password);
  await page.locator("button[type=submit]").click();
  await page.getByRole("navigation").getByRole("link").first().waitFor({ timeout: 60_000 });
}

export async function enter(page: Page, room: string): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: room }).click();
  await page.getByRole("article").first().waitFor();
  // Proofs and presence arrive a moment later than the text.
  await page.waitForTimeout(2_500);
}
