import { expect, test } from "@playwright/test";
import { PASSWORD, type Person, accountMenu, message, openBrowser, register, signIn, unlock, write } from "./people";

test.describe.configure({ mode: "serial" });

const NEXT = "another tractor over 95 lamps";
let ann: Person & { recoveryKey: string };

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  ann = await register(browser, "ann");
});

test.afterAll(async () => ann?.context.close());

test("the recovery key's health is shown and can be tried", async () => {
  await accountMenu(ann.page, ann.name, "Settings");
  const card = ann.page.getByRole("region", { name: "Recovery key" });
  await expect(card.getByRole("status")).toContainText("It worked");
  await card.getByLabel("Check your copy").fill(ann.recoveryKey.replace(/^.{4}/, "0000"));
  await card.getByRole("button", { name: "Check" }).click();
  await expect(card.getByRole("alert")).toContainText("checksum does not match");
  await card.getByLabel("Check your copy").fill(ann.recoveryKey);
  await card.getByRole("button", { name: "Check" }).click();
  await expect(card.getByLabel("Check your copy")).toHaveValue("");
  await expect(card.getByRole("alert")).toHaveCount(0);
  await expect(ann.page.getByRole("region", { name: "Sessions" }).getByRole("listitem")).toHaveCount(1);
});

test("a new password replaces the old one, and keeps drafts and history", async ({ browser }) => {
  await ann.page.getByRole("link", { name: "Lobby" }).click();
  const said = `Said before ${Date.now()}`;
  await write(ann.page, said);
  await expect(message(ann.page, said)).toBeVisible();
  await ann.page.getByRole("textbox", { name: /^Message to/ }).fill("a draft that stays");
  await ann.page.waitForTimeout(600);
  await accountMenu(ann.page, ann.name, "Settings");
  const card = ann.page.getByRole("region", { name: "Password" });
  const change = async (current: string) => {
    await card.getByLabel("Current password").fill(current);
    await card.getByLabel("New password", { exact: true }).fill(NEXT);
    await card.getByLabel("Repeat new password").fill(NEXT);
    await card.getByRole("button", { name: "Change password" }).click();
  };
  await change("not the current one");
  await expect(card.getByRole("alert")).toBeVisible({ timeout: 30_000 });
  await change(PASSWORD);
  await expect(card.getByRole("status").last()).toContainText("The new password is in use", { timeout: 30_000 });

  await accountMenu(ann.page, ann.name, "Lock now");
  await unlock(ann.page, PASSWORD);
  await expect(ann.page.getByRole("alert")).toContainText("wrong", { timeout: 30_000 });
  await unlock(ann.page, NEXT);
  await ann.page.getByRole("link", { name: "Lobby" }).click({ timeout: 30_000 });
  await expect(ann.page.getByRole("textbox", { name: /^Message to/ })).toHaveValue("a draft that stays");

  const other = await openBrowser(browser);
  await other.page.goto("/");
  await signIn(other.page, ann.name, NEXT);
  await expect(message(other.page, said)).toBeVisible({ timeout: 30_000 });
  await other.context.close();
});

test("colours follow the choice, in every tab", async () => {
  await accountMenu(ann.page, ann.name, "Settings");
  const dark = ann.page.getByRole("radio", { name: /^Dark/ });
  const canvas = (page: typeof ann.page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const tab = await ann.context.newPage();
  await tab.goto("/settings");
  const light = await canvas(tab);
  await dark.check();
  await expect.poll(() => canvas(tab)).not.toBe(light);
  await ann.page.getByRole("radio", { name: /^As the system/ }).check();
  await expect.poll(() => canvas(tab)).toBe(light);
  await tab.close();
});

test("the key outlives a reload only where somebody left it so", async () => {
  await ann.page.goto("/settings");
  const stays = ann.page.getByRole("checkbox", { name: /^Stay unlocked over a reload/ });
  await expect(stays).toBeChecked({ timeout: 30_000 });
  await stays.click();
  await expect(stays).not.toBeChecked();
  // The worker drops the key a moment after the box has changed.
  await ann.page.waitForTimeout(600);
  await ann.page.reload();
  await unlock(ann.page, NEXT);
  await expect(stays).not.toBeChecked({ timeout: 30_000 });
  await stays.click();
  await expect(stays).toBeChecked();
  await ann.page.waitForTimeout(600);
  await ann.page.reload();
  await expect(stays).toBeChecked({ timeout: 30_000 });
});

test("German replaces every text, and lasts", async () => {
  await ann.page.getByRole("combobox", { name: "Language" }).selectOption("Deutsch");
  await expect(ann.page.getByRole("heading", { name: "Einstellungen" })).toBeVisible();
  await ann.page.reload();
  await expect(ann.page.getByRole("region", { name: "Was der Server sehen kann" })).toBeVisible({ timeout: 30_000 });
  await expect(ann.page.locator("html")).toHaveAttribute("lang", "de");
  await ann.page.screenshot({ path: "out/settings-de.png" });
  await ann.page.getByRole("combobox", { name: "Sprache" }).selectOption("Wie der Browser");
  await expect(ann.page.getByRole("heading", { name: "Settings" })).toBeVisible();
});

test("keys and the log are shown as this client sees them", async () => {
  const card = ann.page.getByRole("region", { name: "Keys and the audit log" });
  await expect(card).toContainText("Your invite link spelled it");
  await expect(card).toContainText(/Consistent over [\d,]+ entries/, { timeout: 30_000 });
  await ann.page.screenshot({ path: "out/settings.png" });
});

test("nothing broke the content security policy", async () => {
  expect(ann.violations).toEqual([]);
});
