import { expect, test } from "@playwright/test";
import { type Person, act, createRoom, inviteLink, join, message, register, write } from "./people";

test.describe.configure({ mode: "serial" });

let ann: Person;
let ben: Person;
let eve: Person;
const room = `Board ${Date.now()}`;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(150_000);
  ann = await register(browser, "ann");
  ben = await register(browser, "ben");
  eve = await register(browser, "eve");
  await createRoom(ann.page, room);
});

test.afterAll(async () => {
  for (const person of [ann, ben, eve]) await person?.context.close();
});

const person = (name: string) =>
  ann.page.getByRole("complementary", { name: "Members" }).getByRole("button", { name: new RegExp(`^${name}`) });

test("a link is listed while it works, and ends when somebody ends it", async () => {
  const link = await inviteLink(ann.page);
  await ann.page.getByRole("button", { name: /^Members/ }).click();
  await ann.page.getByRole("button", { name: "Invite by link" }).click();
  const dialog = ann.page.getByRole("dialog");
  const links = dialog.getByRole("region", { name: "Links that work" }).getByRole("listitem");
  await expect(links).toContainText(`By ${ann.name}`);
  await expect(links).toContainText("0 of 10 used");
  await links.getByRole("button", { name: "Revoke" }).click();
  await expect(dialog.getByText("No link to this room works")).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();
  await ann.page.getByRole("button", { name: "Close members" }).click();

  const tab = await ben.context.newPage();
  await tab.goto(link);
  await expect(tab.getByRole("heading", { name: "This invite does not work" })).toBeVisible();
  await tab.close();
});

test("two people see the same words for their keys, and note that they compared them", async () => {
  const link = await inviteLink(ann.page);
  await join(ben, link);
  await join(eve, link);
  await ann.page.getByRole("button", { name: /^Members/ }).click();
  await person(ben.name).click();
  const words = (page: typeof ann.page) => page.getByRole("list", { name: "Words to compare" }).getByRole("listitem");
  await expect(words(ann.page)).toHaveCount(8);
  const mine = await words(ann.page).allTextContents();
  await ann.page.getByRole("button", { name: "The words are the same" }).click();
  await expect(ann.page.getByRole("dialog")).toContainText("You compared them on");
  await ann.page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await expect(person(ben.name).getByRole("img", { name: "Verified" })).toBeVisible();

  await ben.page.getByRole("button", { name: /^Members/ }).click();
  await ben.page.getByRole("button", { name: new RegExp(`^${ann.name}.*admin`) }).click();
  await expect(words(ben.page)).toHaveText(mine);
  await ben.page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await ben.page.getByRole("button", { name: "Close members" }).click();
});

test("who is removed reads nothing that follows, and everybody else goes on", async () => {
  await write(ann.page, "before eve goes");
  await expect(message(eve.page, "before eve goes")).toBeVisible();
  await person(eve.name).click();
  await ann.page.getByRole("button", { name: "Remove from the room" }).click();
  await ann.page.getByRole("button", { name: `Yes, remove ${eve.name}` }).click();
  await expect(person(eve.name)).toHaveCount(0);
  await ann.page.getByRole("button", { name: "Close members" }).click();
  await write(ann.page, "after eve has gone");
  await expect(message(ben.page, "after eve has gone")).toBeVisible();
  await write(ben.page, "and I can answer");
  await expect(message(ann.page, "and I can answer")).toBeVisible();
  await expect(eve.page.getByRole("link", { name: room })).toHaveCount(0);
  await expect(eve.page.getByText("after eve has gone")).toHaveCount(0);

  await ann.page.getByRole("button", { name: "About this room" }).click();
  await expect(ann.page.getByRole("dialog")).toContainText("Number 2");
  await ann.page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
});

test("somebody who leaves is followed by a new key", async () => {
  await ben.page.getByRole("button", { name: "About this room" }).click();
  await ben.page.getByRole("button", { name: "Leave the room" }).click();
  await ben.page.getByRole("button", { name: `Yes, leave ${room}` }).click();
  await expect(ben.page.getByRole("link", { name: room })).toHaveCount(0);
  await ann.page.getByRole("button", { name: "About this room" }).click();
  await expect(ann.page.getByRole("dialog")).toContainText("Number 3", { timeout: 20_000 });
  await ann.page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
});

test("a newcomer reads from the current key on, and older messages when a member shares them", async () => {
  await write(ann.page, "a room of one");
  await expect(message(ann.page, "a room of one")).toBeVisible();
  const link = await inviteLink(ann.page);
  await join(ben, link);
  await join(eve, link);
  await expect(message(eve.page, "a room of one")).toBeVisible();
  await expect(eve.page.locator("[data-reason=no_key]").first()).toContainText("A member can share the older history");
  await ann.page.getByRole("button", { name: /^Members/ }).click();
  await person(eve.name).click();
  await ann.page.getByRole("button", { name: "Share the history" }).click();
  await expect(ann.page.getByRole("dialog").getByRole("status")).toContainText("3 keys handed over");
  await expect(message(eve.page, "after eve has gone")).toBeVisible();
  await expect(eve.page.locator("[data-reason=no_key]")).toHaveCount(0);
  await ann.page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
});

test("where newcomers get the whole history, a link opens it, with its maker away", async ({ browser }) => {
  await ann.page.getByRole("button", { name: "Close members" }).click();
  await ann.page.getByRole("button", { name: "About this room" }).click();
  const about = ann.page.getByRole("dialog");
  await expect(about).toContainText("Everything written with the current key");
  const saved = ann.page.waitForResponse((response) => response.url().endsWith("/history"));
  await about.getByRole("radio", { name: /^The whole history/ }).check();
  expect((await saved).ok()).toBe(true);
  await about.getByRole("button", { name: "Close" }).click();
  const link = await inviteLink(ann.page);
  const address = ann.page.url();
  await ann.page.goto("about:blank");
  const fay = await register(browser, "fay");
  await join(fay, link);
  await expect(message(fay.page, "after eve has gone")).toBeVisible();
  await expect(fay.page.locator("[data-reason=no_key]")).toHaveCount(0);
  await fay.page.getByRole("button", { name: "About this room" }).click();
  await expect(fay.page.getByRole("dialog")).toContainText("You hold it and 2 older");
  await expect(fay.page.getByRole("dialog").getByRole("radio", { name: /^The whole history/ })).toHaveCount(0);
  expect(fay.violations).toEqual([]);
  await fay.context.close();
  await ann.page.goto(address);
  await expect(message(ann.page, "a room of one")).toBeVisible({ timeout: 30_000 });
  await ann.page.getByRole("button", { name: /^Members/ }).click();
});

test("an admin can change the key at any time", async () => {
  await ann.page.getByRole("button", { name: "Close members" }).click();
  await ann.page.getByRole("button", { name: "About this room" }).click();
  await ann.page.getByRole("button", { name: "Change the key" }).click();
  await expect(ann.page.getByRole("dialog").getByRole("status")).toContainText("Key number 4 is in use");
  await ann.page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await write(ben.page, "with key four");
  await expect(message(ann.page, "with key four")).toBeVisible();
});

test("a day leads to its first message, however far back it is", async () => {
  test.setTimeout(120_000);
  for (let at = 1; at <= 70; at++) await write(ann.page, `line ${at} of many`);
  await expect(message(ben.page, "line 70 of many")).toBeVisible({ timeout: 60_000 });
  await ben.page.getByRole("button", { name: "About this room" }).click();
  await ben.page.getByLabel("Go to a day").fill(new Date().toISOString().slice(0, 10));
  await ben.page.getByRole("button", { name: "Go", exact: true }).click();
  await expect(message(ben.page, "before eve goes")).toBeVisible();
  await ben.page.getByRole("button", { name: /Go to the newest message/ }).click();
  await expect(message(ben.page, "line 70 of many")).toBeInViewport();
});

test("the address of a message leads to it", async () => {
  await ben.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await act(ben.page, "line 60 of many", "More", "Copy link");
  const address = await ben.page.evaluate(() => navigator.clipboard.readText());
  const tab = await ben.context.newPage();
  await tab.goto(address);
  await expect(message(tab, "line 60 of many")).toHaveClass(/bg-accent-soft/);
  await expect(message(tab, "line 60 of many")).toBeInViewport();
  await tab.close();
});

test("scrolling back does not make the text jump", async () => {
  const log = ann.page.getByRole("log", { name: "Messages" });
  const row = message(ann.page, "line 40 of many");
  await log.hover();
  const y = async () => ((await row.count()) > 0 ? ((await row.boundingBox())?.y ?? 0) : 0);
  for (let turns = 0; turns < 40 && (await y()) < 250; turns++) {
    await ann.page.mouse.wheel(0, -150);
    await ann.page.waitForTimeout(30);
  }
  const before = await y();
  expect(before).toBeGreaterThan(250);
  await write(ben.page, "while you read above");
  await expect(ann.page.getByRole("button", { name: "Go to the newest message, 1 new" })).toBeVisible();
  expect(Math.abs((await y()) - before)).toBeLessThan(2);
  expect(await log.getByRole("article").count()).toBeLessThan(60);
});

test("nothing broke the content security policy", async () => {
  expect([...ann.violations, ...ben.violations, ...eve.violations]).toEqual([]);
});
