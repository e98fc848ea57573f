import { expect, test } from "@playwright/test";
import {
  type Person,
  accountMenu,
  createRoom,
  inviteLink,
  join,
  message,
  openBrowser,
  register,
  signIn,
  write,
} from "./people";

test.describe.configure({ mode: "serial" });

let ann: Person;
let ben: Person;
/** Ann's other browser. */
let other: Omit<Person, "name">;
const room = `Devices ${Date.now()}`;

const entry = (page: Person["page"]) =>
  page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: room });
/** What the server keeps of how far somebody has read. */
const markers = (page: Person["page"]) => page.evaluate(async () => (await fetch("/api/v1/me/read-markers")).text());
/** Ann looks away from the room, on both of her devices. */
const lookAway = async () => {
  for (const page of [ann.page, other.page]) await page.getByRole("link", { name: /^Lobby/ }).click();
};

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  ann = await register(browser, "ann");
  ben = await register(browser, "ben");
  await createRoom(ann.page, room);
  await join(ben, await inviteLink(ann.page));
  other = await openBrowser(browser);
  await other.page.goto("/");
  await signIn(other.page, ann.name);
  await expect(other.page.getByRole("log", { name: "Messages" })).toBeVisible({ timeout: 45_000 });
});

test.afterAll(async () => {
  for (const one of [ann, ben, other]) await one?.context.close();
});

test("what was read on one device is read on the other", async () => {
  await lookAway();
  await write(ben.page, "news for ann");
  for (const page of [ann.page, other.page]) await expect(entry(page)).toContainText("1 unread");
  await entry(ann.page).click();
  await expect(message(ann.page, "news for ann")).toBeVisible();
  await expect(entry(ann.page)).not.toContainText("unread");
  await expect(entry(other.page)).not.toContainText("unread", { timeout: 10_000 });
});

test("also when the other one was away meanwhile", async () => {
  await lookAway();
  await other.page.goto("about:blank");
  await write(ben.page, "more news");
  await expect(entry(ann.page)).toContainText("1 unread");
  let before = await markers(ann.page);
  await entry(ann.page).click();
  await expect.poll(() => markers(ann.page)).not.toBe(before);
  before = await markers(ann.page);
  await write(ben.page, "and news after that");
  await expect(message(ann.page, "and news after that")).toBeVisible();
  await expect.poll(() => markers(ann.page)).not.toBe(before);
  await ann.page.goto("about:blank");
  await write(ben.page, "unread everywhere");
  await expect(message(ben.page, "unread everywhere").getByLabel(/Accepted|In the audit log/)).toBeVisible();
  await other.page.goto("/");
  await expect(entry(other.page)).toContainText("1 unread", { timeout: 30_000 });
  await ann.page.goto("/");
  await expect(entry(ann.page)).toContainText("1 unread", { timeout: 30_000 });
});

test("not when it is switched off", async () => {
  await accountMenu(ann.page, ann.name, "Settings");
  await ann.page.getByRole("checkbox", { name: /^My other devices know/ }).click();
  const before = await markers(ann.page);
  await entry(ann.page).click();
  await expect(entry(ann.page)).not.toContainText("unread");
  // Longer than what is told waits.
  await ann.page.waitForTimeout(4_000);
  await expect(entry(other.page)).toContainText("1 unread");
  expect(await markers(ann.page)).toBe(before);
});

test("nothing broke the content security policy", async () => {
  expect([...ann.violations, ...ben.violations, ...other.violations]).toEqual([]);
});
