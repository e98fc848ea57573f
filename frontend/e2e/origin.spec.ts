import { type Page, expect, test } from "@playwright/test";
import {
  INVITE,
  type Person,
  accountMenu,
  createRoom,
  inviteLink,
  message,
  openBrowser,
  register,
  write,
} from "./people";

/** Every request of every page and worker that a context opens. */
function watch(context: Person["context"], into: URL[]): void {
  context.on("request", (request) => into.push(new URL(request.url())));
}

test("a newcomer reads by the link alone, with nobody else online", async ({ browser }) => {
  test.setTimeout(120_000);
  const ann = await register(browser, "ann");
  const room = `Overnight ${Date.now()}`;
  await createRoom(ann.page, room);
  await write(ann.page, "for whoever comes at night");
  await expect(message(ann.page, "for whoever comes at night")).toBeVisible();
  const link = await inviteLink(ann.page);
  // Gone, keys and all.
  await ann.context.close();

  const ben = await register(browser, "ben", link);
  await expect(ben.page.getByRole("heading", { name: room, level: 1 })).toBeVisible();
  await expect(message(ben.page, "for whoever comes at night")).toBeVisible();
  await write(ben.page, "good morning");
  await expect(message(ben.page, "good morning")).toBeVisible();
  expect(ben.violations).toEqual([]);
  await ben.context.close();
});

/** Opens something, looks that it is there, closes it. */
const dialogs: [string, (page: Page, name: string) => Promise<void>][] = [
  ["search", (page) => page.keyboard.press("Control+k")],
  ["keyboard", (page) => page.keyboard.press("Control+/")],
  ["new room", (page) => page.getByRole("button", { name: "Create a room" }).click()],
  ["about the room", (page) => page.getByRole("button", { name: "About this room" }).click()],
  ["emoji", (page) => page.getByRole("button", { name: "Emoji" }).click()],
  ["sessions", (page, name) => accountMenu(page, name, "Sessions")],
];

test("no route and no dialog breaks the content security policy, and no request leaves the origin", async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const stranger = await openBrowser(browser);
  const requests: URL[] = [];
  watch(stranger.context, requests);
  for (const route of ["/", "/register", "/join", "/settings", "/rooms/nowhere", "/direct/nobody", "/no/such/page"]) {
    await stranger.page.goto(route);
    await expect(stranger.page.getByRole("heading").first()).toBeVisible();
  }
  const ann = await register(browser, "ann", INVITE);
  watch(ann.context, requests);
  const { page, name } = ann;
  await createRoom(page, `Everything ${Date.now()}`);
  await write(page, "**all** of `it` :wave: see https://example.org/nothing-is-fetched @nobody");
  await expect(message(page, "nothing-is-fetched")).toBeVisible();

  for (const [what, open] of dialogs) {
    await open(page, name);
    await expect(page.getByRole("dialog"), what).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog"), what).toHaveCount(0);
  }
  await page.getByRole("button", { name: /^Members/ }).click();
  await page
    .getByRole("complementary")
    .getByRole("button", { name: new RegExp(`^${name}`) })
    .click();
  await expect(page.getByRole("dialog")).toContainText("Fingerprint");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Invite by link" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make the link" }).click();
  await expect(page.getByRole("dialog").getByLabel("Invite link")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Close members" }).click();

  const room = new URL(page.url()).pathname;
  await accountMenu(page, name, "Settings");
  await expect(page.getByRole("heading", { name: "What the server can see" })).toBeVisible();
  for (const route of ["/rooms/nowhere", "/direct/nobody", "/no/such/page", room]) {
    await page.evaluate((to) => {
      history.pushState({}, "", to);
      dispatchEvent(new PopStateEvent("popstate"));
    }, route);
    await expect(page.locator("main")).not.toBeEmpty();
  }
  await expect(message(page, "nothing-is-fetched")).toBeVisible();

  expect([...stranger.violations, ...ann.violations]).toEqual([]);
  const { origin } = new URL(INVITE);
  const elsewhere = requests.filter((url) => /^(?:http|ws)s?:$/.test(url.protocol) && url.origin !== origin);
  expect(elsewhere.map(String)).toEqual([]);
  expect(requests.some(({ pathname }) => pathname.startsWith("/api/v1/"))).toBe(true);
  await ann.context.close();
  await stranger.context.close();
});
