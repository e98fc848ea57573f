import { expect, test } from "@playwright/test";
import {
  type Person,
  accountMenu,
  act,
  createRoom,
  inviteLink,
  join,
  message,
  openBrowser,
  register,
  write,
} from "./people";
import { look } from "./look";

let ann: Person;
let ben: Person;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  ann = await register(browser, "ann");
  ben = await register(browser, "ben");
  await createRoom(ann.page, `Look ${Date.now()}`);
  await write(
    ann.page,
    "**Plan for Monday**\n- ship the client\n- write to [the list](https://example.org/)\n\n> no surprises",
  );
  await write(ann.page, "`cargo xtask up` first, see https://example.org/docs");
  await expect(message(ann.page, "first, see")).toBeVisible();
  await act(ann.page, "first, see", "React", "Celebration");
  await act(ann.page, "Plan for Monday", "Reply");
  await write(ann.page, "Agreed.");
  await expect(message(ann.page, "Agreed.")).toBeVisible();
});

test.afterAll(async () => {
  await ann?.context.close();
  await ben?.context.close();
});

test("sign-in and registration", async ({ browser }) => {
  const { context, page } = await openBrowser(browser);
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await look(page, "sign-in");
  await page.goto("/register");
  await expect(page.getByRole("heading", { name: "Create your account" })).toBeVisible();
  await look(page, "register");
  await context.close();
});

test("a room", async () => {
  await expect(ann.page.getByLabel("In the audit log, proof verified")).toHaveCount(3, {
    timeout: 45_000,
  });
  await look(ann.page, "room");
});

test("the members and a person", async () => {
  await ann.page.getByRole("button", { name: /^Members/ }).click();
  await look(ann.page, "members");
  await ann.page
    .getByRole("complementary", { name: "Members" })
    .getByRole("button", { name: new RegExp(`^${ann.name}`) })
    .click();
  await expect(ann.page.getByRole("dialog")).toContainText("Fingerprint");
  await look(ann.page, "person");
  await ann.page.keyboard.press("Escape");
  await ann.page.getByRole("button", { name: "Invite by link" }).click();
  await ann.page.getByRole("dialog").getByRole("button", { name: "Make the link" }).click();
  await expect(ann.page.getByRole("dialog").getByLabel("Invite link")).toBeVisible();
  await look(ann.page, "invite");
  await ann.page.keyboard.press("Escape");
  await ann.page.getByRole("button", { name: "Close members" }).click();
});

test("comparing keys, by words, by a code, and where the code leads", async () => {
  await join(ben, await inviteLink(ann.page));
  await ann.page.getByRole("button", { name: /^Members/ }).click();
  await ann.page
    .getByRole("complementary", { name: "Members" })
    .getByRole("button", { name: new RegExp(`^${ben.name}`) })
    .click();
  const dialog = ann.page.getByRole("dialog");
  const words = dialog.getByRole("list", { name: "Words to compare" }).getByRole("listitem");
  await expect(words).toHaveCount(8);
  await dialog.getByRole("button", { name: "Show as QR code" }).click();
  await expect(dialog.getByRole("img")).toHaveAttribute("aria-busy", "false");
  await look(ann.page, "compare-keys");
  const said = (await words.allTextContents()).join("-");
  await dialog.getByRole("button", { name: `Write to ${ben.name}` }).click();
  await expect(ann.page.getByRole("heading", { name: `Write to ${ben.name}` })).toBeVisible();
  await look(ann.page, "direct-start");
  const userId = new URL(ann.page.url()).pathname.split("/").at(-1);
  await ann.page.goto(`/compare#${userId}.${said}`);
  await expect(ann.page.getByRole("heading", { name: `The code fits ${ben.name}’s key` })).toBeVisible({
    timeout: 30_000,
  });
  await look(ann.page, "compare-fits");
  await ann.page.goto("about:blank");
  await ann.page.goto(`/compare#${userId}.${said.replace(/.$/, (last) => (last === "b" ? "d" : "b"))}`);
  await expect(ann.page.getByRole("heading", { name: /does not fit/ })).toBeVisible({ timeout: 30_000 });
  await look(ann.page, "compare-differs");
  await ann.page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: /^Look/ }).click();
});

test("a proof, and who looked at one's messages", async () => {
  await act(ann.page, "Plan for Monday", "More", "Proof");
  await expect(ann.page.getByRole("dialog")).toContainText("from the message to the root");
  await look(ann.page, "proof");
  await ann.page.keyboard.press("Escape");
  await accountMenu(ann.page, ann.name, "Who looked at my messages");
  await expect(ann.page.getByRole("dialog")).toBeVisible();
  await look(ann.page, "accesses");
  await ann.page.keyboard.press("Escape");
  await accountMenu(ann.page, ann.name, "Sessions");
  await expect(ann.page.getByRole("dialog")).toBeVisible();
  await look(ann.page, "sessions");
  await ann.page.keyboard.press("Escape");
});

test("about the room, search and a new room", async () => {
  await ann.page.getByRole("button", { name: "About this room" }).click();
  await expect(ann.page.getByRole("dialog")).toContainText("You hold it");
  await expect(ann.page.getByRole("dialog").getByText("What newcomers read")).toHaveCount(1);
  await look(ann.page, "about");
  await ann.page.keyboard.press("Escape");
  await ann.page.keyboard.press("Control+k");
  await ann.page.getByRole("searchbox").fill("monday");
  await expect(ann.page.getByRole("list", { name: "Messages" })).toBeVisible();
  await look(ann.page, "search");
  await ann.page.keyboard.press("Escape");
  await ann.page.getByRole("button", { name: "Create a room" }).click();
  await look(ann.page, "new-room");
  await ann.page.keyboard.press("Escape");
  await ann.page.keyboard.press("Control+/");
  await expect(ann.page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await look(ann.page, "keyboard");
  await ann.page.keyboard.press("Escape");
});

test("a dialog takes the focus and gives it back", async () => {
  const button = ann.page.getByRole("button", { name: "About this room" });
  await button.focus();
  await ann.page.keyboard.press("Enter");
  await expect(ann.page.getByRole("dialog").locator(":focus")).toHaveCount(1);
  await ann.page.keyboard.press("Escape");
  await expect(button).toBeFocused();
});

test("the keyboard's first stop leads past the rooms to the messages", async () => {
  const skip = ann.page.getByRole("link", { name: "Skip to messages" });
  await skip.focus();
  await expect(skip).toBeInViewport();
  const address = ann.page.url();
  await ann.page.keyboard.press("Enter");
  await expect(ann.page.getByRole("log", { name: "Messages" })).toBeFocused();
  expect(ann.page.url()).toBe(address);
});

test("the members say that they are on their way, where their code comes late", async () => {
  const tab = await ann.context.newPage();
  await tab.setViewportSize({ width: 390, height: 844 });
  await tab.route(/members-panel/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await route.continue();
  });
  await tab.goto(ann.page.url());
  await tab.getByRole("button", { name: /^Members/ }).click();
  const panel = tab.getByRole("complementary", { name: "Members" });
  await expect(panel.getByRole("status")).toContainText("The members are loaded");
  await expect(panel.getByRole("button", { name: new RegExp(`^${ann.name}`) })).toBeVisible();
  await expect(panel.getByRole("status")).toHaveCount(0);
  await tab.close();
});

test("a menu opens with the first key, though its code comes late, and gives the focus back", async () => {
  for (const [key, entry] of [
    ["Enter", "Settings"],
    ["ArrowUp", "Sign out"],
  ] as const) {
    const tab = await ann.context.newPage();
    await tab.route(/pop-menu/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      await route.continue();
    });
    await tab.goto(ann.page.url());
    const button = tab.getByRole("button", { name: new RegExp(`^${ann.name}`) });
    await button.focus();
    await tab.keyboard.press(key);
    await expect(tab.getByRole("menuitem", { name: entry })).toBeFocused();
    await tab.keyboard.press("Escape");
    await expect(tab.getByRole("menu")).toHaveCount(0);
    await expect(button).toBeFocused();
    await tab.close();
  }
});

test("a room lies mirrored where text runs from right to left", async () => {
  await ann.page.evaluate(() => document.documentElement.setAttribute("dir", "rtl"));
  for (const width of [1280, 390]) {
    await ann.page.setViewportSize({ width, height: 800 });
    await ann.page.screenshot({ path: `out/mirrored-${width}.png` });
    expect(await ann.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  }
  await ann.page.setViewportSize({ width: 1280, height: 800 });
  const rooms = await ann.page.getByRole("navigation", { name: "Rooms" }).boundingBox();
  const room = await ann.page.getByRole("main").boundingBox();
  expect(rooms?.x).toBeGreaterThan(room?.x ?? 0);
  const avatar = await ann.page.getByRole("article").first().locator("[aria-hidden=true]").first().boundingBox();
  const text = await ann.page.getByRole("article").first().getByText("Plan for Monday").boundingBox();
  expect(avatar?.x).toBeGreaterThan(text?.x ?? 0);
  await ann.page.evaluate(() => document.documentElement.setAttribute("dir", "ltr"));
});

test("settings", async () => {
  await accountMenu(ann.page, ann.name, "Settings");
  await expect(ann.page.getByRole("heading", { name: "What the server can see" })).toBeVisible();
  await look(ann.page, "settings");
});

test("nothing broke the content security policy", async () => {
  expect(ann.violations).toEqual([]);
});
