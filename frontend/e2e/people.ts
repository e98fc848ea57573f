import { type Browser, type BrowserContext, type Page, expect } from "@playwright/test";

/** An invite link to the lobby, as `cargo xtask up` prints it. */
export const INVITE = process.env["E2E_INVITE"] ?? "";
export const PASSWORD = "violet tractor under 94 lamps";

/** A person with a browser of their own. */
export interface Person {
  name: string;
  context: BrowserContext;
  page: Page;
  /** Violations of the content security policy on any page of the browser, reloads included. */
  violations: string[];
}

let people = 0;

/** A name that no earlier run has registered. */
export const newName = (prefix: string): string => `${prefix}-${Date.now().toString(36)}${(people++).toString(36)}`;

/** A fresh browser context that reports every violation of the content security policy. */
export async function openBrowser(browser: Browser): Promise<Omit<Person, "name">> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const violations: string[] = [];
  await context.exposeFunction("reportViolation", (text: string) => violations.push(text));
  await context.addInitScript(() => {
    const report = (globalThis as unknown as { reportViolation: (text: string) => void }).reportViolation;
    document.addEventListener("securitypolicyviolation", (event) => {
      report(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
    });
  });
  return { context, page: await context.newPage(), violations };
}

/** Registers through an invite link, recovery key included; ends in the room. */
export async function register(
  browser: Browser,
  prefix: string,
  link = INVITE,
  prepare: (context: BrowserContext) => Promise<unknown> = async () => undefined,
): Promise<Person & { recoveryKey: string }> {
  const { context, page, violations } = await openBrowser(browser);
  await prepare(context);
  const name = newName(prefix);
  await page.goto(link);
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Repeat password").fill(PASSWORD);
  await page.getByRole("button", { name: "Continue" }).click();
  const shown = page.getByLabel("Your recovery key");
  await expect(shown).toHaveText(/(?:[0-9A-Z]{4}-){7}/);
  const recoveryKey = ((await shown.textContent()) ?? "").slice(0, 39);
  await page.getByRole("button", { name: "I have saved it" }).click();
  await page.getByLabel("Type the recovery key back").fill(recoveryKey.toLowerCase());
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("log", { name: "Messages" })).toBeVisible({ timeout: 45_000 });
  return { name, context, page, violations, recoveryKey };
}

/** Signs in on a page that shows the form. */
export async function signIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

export async function write(page: Page, text: string): Promise<void> {
  const composer = page.getByRole("textbox", { name: /^Message to/ });
  await composer.fill(text);
  await composer.press("Enter");
}

/** The row of one message. */
export const message = (page: Page, text: string) => page.getByRole("article").filter({ hasText: text });

/** Opens the keys again on a page that asks for the password. */
export async function unlock(page: Page, password = PASSWORD): Promise<void> {
  const unlock = page.getByRole("button", { name: "Unlock" });
  // What is on screen until the lock has closed may have fields of the same name.
  await expect(unlock).toBeVisible();
  await page.getByLabel("Password").fill(password);
  await unlock.click();
}

/** Makes a room and stays in it. */
export async function createRoom(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Create a room" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Create room" }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
}

/** Makes an invite link to the room on screen, for as many people. */
export async function inviteLink(page: Page, people = 10): Promise<string> {
  await page.getByRole("button", { name: /^Members/ }).click();
  await page.getByRole("button", { name: "Invite by link" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("People").fill(String(people));
  await dialog.getByRole("button", { name: "Make the link" }).click();
  const link = await dialog.getByLabel("Invite link").inputValue();
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Close members" }).click();
  return link;
}

/** Joins a room in the tab that is open; the keys stay in the worker while a second tab lives. */
export async function join(person: Person, link: string): Promise<void> {
  const tab = await person.context.newPage();
  await tab.goto(link);
  await tab.getByRole("button", { name: "Join" }).click();
  await expect(tab.getByRole("log", { name: "Messages" })).toBeVisible({ timeout: 30_000 });
  await person.page.close();
  person.page = tab;
}

/** One entry of the account menu. */
export async function accountMenu(page: Page, name: string, entry: string): Promise<void> {
  await page.getByRole("button", { name: new RegExp(`^${name}`) }).click();
  await page.getByRole("menuitem", { name: entry, exact: true }).click();
}

/** An action of a message's toolbar. */
export async function act(page: Page, text: string, button: string, entry?: string): Promise<void> {
  const row = message(page, text).first();
  await row.hover();
  await row.getByRole("button", { name: button, exact: true }).click();
  if (entry) await page.getByRole("menuitem", { name: entry, exact: true }).click();
}
