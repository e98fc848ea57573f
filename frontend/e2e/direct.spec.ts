import { expect, test } from "@playwright/test";
import { type Person, message, register, write } from "./people";

test.describe.configure({ mode: "serial" });

let ann: Person;
let ben: Person;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  ann = await register(browser, "ann");
  ben = await register(browser, "ben");
});

test.afterAll(async () => {
  await ann?.context.close();
  await ben?.context.close();
});

test("somebody found by name gets the first message, and the room with it", async () => {
  await ann.page.keyboard.press("Control+k");
  await ann.page.getByRole("searchbox").fill(ben.name.slice(1).toUpperCase());
  const people = ann.page.getByRole("list", { name: "People" });
  await people.getByRole("button", { name: new RegExp(ben.name) }).click();
  await expect(ann.page.getByRole("heading", { name: ben.name, level: 1 })).toBeVisible();
  await expect(ann.page).toHaveURL(/\/direct\//);
  await expect(ben.page.getByRole("list", { name: "Direct messages" }).getByRole("link")).toHaveCount(0);

  const text = `Between us ${Date.now()}`;
  await write(ann.page, text);
  await expect(ann.page).toHaveURL(/\/rooms\//);
  await expect(message(ann.page, text)).toBeVisible();

  const link = ben.page
    .getByRole("list", { name: "Direct messages" })
    .getByRole("link", { name: new RegExp(ann.name) });
  await expect(link).toContainText("1 unread");
  await expect(link).toContainText("Online");
  await link.click();
  await expect(message(ben.page, text)).toBeVisible();
  const answer = `And back ${Date.now()}`;
  await write(ben.page, answer);
  await expect(message(ann.page, answer)).toBeVisible();
});

test("the other one finds the same conversation", async () => {
  await ben.page.getByRole("link", { name: /^Lobby/ }).click();
  await ben.page.keyboard.press("Control+k");
  await ben.page.getByRole("searchbox").fill(ann.name);
  await ben.page
    .getByRole("list", { name: "People" })
    .getByRole("button", { name: new RegExp(ann.name) })
    .click();
  await expect(ben.page).toHaveURL(new URL(ann.page.url()).pathname);
  await expect(message(ben.page, "Between us")).toBeVisible();
});

test("it stays between two, and says so", async () => {
  await ann.page.getByRole("button", { name: "About this room" }).click();
  const about = ann.page.getByRole("dialog");
  await expect(about).toContainText(`Only you and ${ben.name} know that it exists`);
  await expect(about.getByRole("button", { name: "Leave the room" })).toHaveCount(0);
  await ann.page.keyboard.press("Escape");
  await ann.page.getByRole("button", { name: /^Members/ }).click();
  await expect(ann.page.getByRole("button", { name: "Invite by link" })).toHaveCount(0);
  await ann.page.getByRole("button", { name: "Close members" }).click();
});

test("nothing broke the content security policy", async () => {
  expect([...ann.violations, ...ben.violations]).toEqual([]);
});
