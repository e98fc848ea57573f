import { expect, test } from "@playwright/test";
import {
  type Person,
  accountMenu,
  act,
  createRoom,
  inviteLink,
  join,
  message,
  register,
  unlock,
  write,
} from "./people";

test.describe.configure({ mode: "serial" });

let ann: Person;
let ben: Person;
const room = `Words ${Date.now()}`;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  ann = await register(browser, "ann");
  ben = await register(browser, "ben");
  await createRoom(ann.page, room);
  await join(ben, await inviteLink(ann.page));
});

test.afterAll(async () => {
  await ann?.context.close();
  await ben?.context.close();
});

test("an answer quotes what it answers and leads there", async () => {
  await write(ann.page, "shall we ship on Friday?");
  await act(ben.page, "shall we ship", "Reply");
  await write(ben.page, "rather on Monday");
  const answer = message(ann.page, "rather on Monday");
  await expect(answer.getByRole("button", { name: /In answer to.*shall we ship/ })).toBeVisible();
  await answer.getByRole("button", { name: /In answer to/ }).click();
  await expect(message(ann.page, "shall we ship").first()).toHaveClass(/bg-accent-soft/);
});

test("a reaction shows to both, and is taken back by a second click", async () => {
  await act(ben.page, "shall we ship on Friday?", "React", "Thumbs up");
  const chip = (page: typeof ann.page) => page.getByRole("list", { name: "Reactions" }).getByRole("button");
  await expect(chip(ann.page)).toHaveText(new RegExp(`👍 1.*${ben.name}`));
  await chip(ann.page).click();
  await expect(chip(ben.page)).toHaveText(/👍 2/);
  await chip(ben.page).click();
  await expect(chip(ann.page)).toHaveText(new RegExp(`👍 1.*${ann.name}`));
});

test("an edit replaces the text on both sides, and says so", async () => {
  await write(ann.page, "see you at tree o'clock");
  await act(ann.page, "tree o'clock", "More", "Edit");
  const composer = ann.page.getByRole("textbox", { name: /^Message to/ });
  await expect(composer).toHaveValue("see you at tree o'clock");
  await write(ann.page, "see you at three o'clock");
  await expect(message(ben.page, "three o'clock")).toContainText("edited");
  await expect(ben.page.getByText("tree o'clock")).toHaveCount(0);
  await message(ben.page, "three o'clock").hover();
  await message(ben.page, "three o'clock").getByRole("button", { name: "More" }).click();
  await expect(ben.page.getByRole("menuitem", { name: "Copy text" })).toBeVisible();
  await expect(ben.page.getByRole("menuitem", { name: "Edit" })).toHaveCount(0);
  await ben.page.keyboard.press("Escape");
  await expect(ben.page.getByRole("menu")).toHaveCount(0);
});

test("a deletion hides the text and says that the log keeps it", async () => {
  await write(ann.page, "said too much");
  await expect(message(ben.page, "said too much")).toBeVisible();
  await act(ann.page, "said too much", "More", "Delete");
  await expect(message(ben.page, "Deleted. The audit log keeps it")).toBeVisible();
  await expect(ben.page.getByText("said too much")).toHaveCount(0);
});

test("Markdown becomes structure, links stay links, and nothing is loaded", async () => {
  await write(ann.page, "**bold** `code` [the plan](https://example.org/plan) <i>no html</i>");
  const row = message(ben.page, "<i>no html</i>");
  await expect(row.locator("strong")).toHaveText("bold");
  await expect(row.locator("code")).toHaveText("code");
  const link = row.getByRole("link", { name: "the plan" });
  await expect(link).toHaveAttribute("href", "https://example.org/plan");
  await expect(link).toHaveAttribute("rel", "noopener noreferrer");
});

test("what one did not read is counted, and a mention stands out", async () => {
  await expect(ben.page).toHaveTitle("Sealcast");
  await ben.page.getByRole("link", { name: /^Lobby/ }).click();
  await expect(ben.page.getByRole("heading", { name: "Lobby", level: 1 })).toBeVisible();
  const composer = ann.page.getByRole("textbox", { name: /^Message to/ });
  await composer.pressSequentially(`look at this @${ben.name.slice(0, 4)}`);
  const people = ann.page.getByRole("listbox", { name: "People to mention" });
  await expect(people.getByRole("option", { name: ben.name })).toHaveAttribute("aria-selected", "true");
  // Escape gives the keys back for this word; the next one is offered again.
  await composer.press("Escape");
  await expect(people).toHaveCount(0);
  await composer.fill("look at this ");
  await composer.pressSequentially(`@${ben.name.slice(0, 4)}`);
  await expect(people).toBeVisible();
  // The first Enter takes the name, the second sends.
  await composer.press("Enter");
  await expect(composer).toHaveValue(`look at this @${ben.name} `);
  await composer.press("Enter");
  await write(ann.page, "and at that");
  const entry = ben.page.getByRole("link", { name: new RegExp(`^${room}`) });
  await expect(entry).toContainText("you were mentioned");
  await expect(entry).toContainText("2 unread");
  await expect(ben.page).toHaveTitle(/^\(2\)/);
  await entry.click();
  await expect(ben.page.getByRole("heading", { name: "New", exact: true })).toBeVisible();
  await expect(message(ben.page, "look at this")).toHaveClass(/bg-warn-soft/);
  await expect(entry).not.toContainText("unread");
  await expect(ben.page).toHaveTitle("Sealcast");
});

test("a draft outlives a lock, and the keys are gone from every tab meanwhile", async () => {
  const composer = (page: typeof ann.page) => page.getByRole("textbox", { name: /^Message to/ });
  await composer(ann.page).fill("half a thou");
  const tab = await ann.context.newPage();
  await tab.goto("/");
  await expect(tab.getByRole("article").first()).toBeVisible();
  await ann.page.waitForTimeout(600);
  await accountMenu(ann.page, ann.name, "Lock now");
  await expect(tab.getByRole("heading", { name: "Unlock your messages" })).toBeVisible();
  await expect(ann.page.getByRole("article")).toHaveCount(0);
  await tab.close();
  await unlock(ann.page);
  await expect(composer(ann.page)).toHaveValue("half a thou", { timeout: 30_000 });
  await write(ann.page, "half a thought more");
  await expect(message(ben.page, "half a thought more")).toBeVisible();
});

test("search finds on this device, and leads to the message", async () => {
  await ben.page.getByRole("link", { name: /^Lobby/ }).click();
  await ben.page.keyboard.press("Control+k");
  const dialog = ben.page.getByRole("dialog", { name: "Search" });
  await dialog.getByRole("searchbox").fill("MONDAY rather");
  await dialog
    .getByRole("list", { name: "Messages" })
    .getByRole("button", { name: /rather on Monday/ })
    .click();
  await expect(message(ben.page, "rather on Monday")).toHaveClass(/bg-accent-soft/);
  await ben.page.keyboard.press("Control+k");
  await dialog.getByRole("searchbox").fill("said too much");
  await expect(dialog.getByRole("status")).toContainText("No message holds all of these words");
  await dialog.getByRole("searchbox").fill("three o'clock");
  await expect(dialog.getByRole("list", { name: "Messages" }).getByRole("button")).toHaveCount(1);
  await ben.page.keyboard.press("Escape");
});

test("arrow keys walk through messages, and letters act on them", async () => {
  await ben.page.getByRole("log", { name: "Messages" }).focus();
  await ben.page.keyboard.press("ArrowUp");
  await expect(message(ben.page, "half a thought more")).toBeFocused();
  await ben.page.keyboard.press("r");
  await expect(ben.page.getByText(`Answering ${ann.name}:`)).toBeVisible();
  await ben.page.keyboard.press("Escape");
  await expect(ben.page.getByText(`Answering ${ann.name}:`)).toHaveCount(0);
});

test("a command is found by its name, and a muted room counts in grey", async () => {
  const run = async (name: string) => {
    await ben.page.keyboard.press("Control+k");
    const dialog = ben.page.getByRole("dialog", { name: "Search" });
    await dialog.getByRole("searchbox").fill(name);
    await dialog.getByRole("list", { name: "Commands" }).getByRole("button", { name }).click();
  };
  await ben.page.getByRole("link", { name: new RegExp(`^${room}`) }).click();
  const muted = ben.page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: new RegExp(`^${room}`) });
  await run("Mute this room");
  await expect(muted.getByRole("img", { name: "Muted" })).toBeVisible();
  await run("Settings");
  await expect(ben.page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await write(ann.page, "said to a muted room");
  await expect(muted).toContainText("1 unread");
  await expect(ben.page).toHaveTitle("Sealcast");
  await run("Mark all rooms as read");
  await expect(muted).not.toContainText("unread");
  await muted.click();
  await run("Unmute this room");
  await expect(muted.getByRole("img", { name: "Muted" })).toHaveCount(0);
});

test("nothing broke the content security policy", async () => {
  expect([...ann.violations, ...ben.violations]).toEqual([]);
});
