import { type Locator, type Page, expect, test } from "@playwright/test";
import { say } from "./crowd";
import { act, createRoom, inviteLink, message, register, write } from "./people";

const MESSAGES = 2_000;

const STEP = 400;
const STILL_MS = 30;

/** A row in the upper part of the window, and how far it is from the window's top. */
const anchor = (page: Page) =>
  page.getByRole("log", { name: "Messages" }).evaluate((log) => {
    const { top } = log.getBoundingClientRect();
    const rows = [...log.querySelectorAll<HTMLElement>("article[data-key]")];
    const row = rows.find((one) => one.getBoundingClientRect().top >= top);
    if (!row) throw new Error("no row in the window");
    return { key: row.dataset["key"] ?? "", y: row.getBoundingClientRect().top - top };
  });

const keys = (page: Page) =>
  page
    .getByRole("log", { name: "Messages" })
    .evaluate((log) =>
      [...log.querySelectorAll<HTMLElement>("article[data-key]")].map((row) => row.dataset["key"] ?? ""),
    );

const yOf = (page: Page, key: string) =>
  page.getByRole("log", { name: "Messages" }).evaluate((log, key) => {
    const row = log.querySelector(`article[data-key="${CSS.escape(key)}"]`);
    return row ? row.getBoundingClientRect().top - log.getBoundingClientRect().top : undefined;
  }, key);

/** Waits until the window stands still. */
const still = (log: Locator) =>
  log.evaluate(async (element, ms) => {
    let [before, height] = [Number.NaN, 0];
    while (element.scrollTop !== before || element.scrollHeight !== height) {
      [before, height] = [element.scrollTop, element.scrollHeight];
      await new Promise((done) => setTimeout(done, ms));
    }
  }, STILL_MS);

const topOf = (log: Locator) => log.evaluate(({ scrollTop }) => scrollTop);

/** Turns the wheel up where there is room for it; says how far it went. */
async function goUp(log: Locator): Promise<number> {
  const step = (await topOf(log)) < STEP ? 0 : STEP;
  await log.hover();
  await log.page().mouse.wheel(0, -step);
  await still(log);
  return step;
}

test("two thousand messages are scrolled back to the first, and what one looks at stays where it is", async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const ann = await register(browser, "ann");
  const { page } = ann;
  await createRoom(page, `Long ${Date.now()}`);
  await write(page, "the very first");
  await expect(message(page, "the very first").getByLabel(/Accepted|In the audit log/)).toBeVisible();
  const link = await inviteLink(page);
  await say(link, MESSAGES);
  // A fresh start: the window begins with its newest page.
  await page.reload();
  const log = page.getByRole("log", { name: "Messages" });
  await expect(log.getByRole("article").first()).toBeVisible({ timeout: 30_000 });
  // Older ones come in above and rows get their heights: what one looks at moves by what one scrolled, and by nothing else.
  const drifts: number[] = [];
  const seen = new Set<string>();
  const first = message(page, "the very first");
  for (let turns = 0; turns < 2_000 && !((await first.count()) > 0 && (await topOf(log)) < STEP); turns++) {
    const before = await anchor(page);
    for (const key of await keys(page)) seen.add(key);
    const up = await goUp(log);
    const y = await yOf(page, before.key);
    drifts.push(y === undefined ? Number.POSITIVE_INFINITY : Math.abs(y - before.y - up));
  }
  await expect(message(page, "the very first")).toBeVisible();
  expect(Math.max(...drifts)).toBeLessThanOrEqual(1);
  expect(await log.getByRole("article").count(), "few at a time are in the document").toBeLessThan(80);
  // Every message came by; the newest may have come in below where one began.
  const toNewest = page.getByRole("button", { name: /^Go to the newest message/ });
  for (const key of await keys(page)) seen.add(key);
  await toNewest.click();
  await still(log);
  for (const key of await keys(page)) seen.add(key);
  for (let turns = 0; turns < 2 || (turns < 40 && seen.size <= MESSAGES); turns++) {
    await goUp(log);
    for (const key of await keys(page)) seen.add(key);
  }
  expect(seen.size).toBe(MESSAGES + 1);

  await toNewest.click();
  // Ten people wrote at the same time: whose message is the last is the server's choice.
  const last = log.getByRole("article").last();
  await expect(last).toBeInViewport();
  // A row under the pointer stays there only when the window stands still.
  await still(log);
  await expect.poll(() => log.evaluate((l) => l.scrollHeight - l.scrollTop - l.clientHeight)).toBeLessThan(2);

  // What was opened from a message stays when its row leaves the document.
  const key = (await last.getAttribute("data-key")) ?? "";
  const text = /Crowd message \d+/.exec((await last.textContent()) ?? "")?.[0] ?? "";
  await act(page, text, "More", "Proof");
  const proof = page.getByRole("dialog", { name: "The proof of this message" });
  await expect(proof).toContainText("from the message to the root");
  await log.evaluate((element) => element.scrollTo({ top: 0, behavior: "instant" }));
  await expect(page.locator(`article[data-key="${key}"]`)).toHaveCount(0);
  await expect(proof).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(proof).toHaveCount(0);
  expect(ann.violations).toEqual([]);
  await ann.context.close();
});

test("what one reads at the end stays in sight when a keyboard or more lines take its room", async ({ browser }) => {
  const { page, context } = await register(browser, "ann");
  await createRoom(page, `Small ${Date.now()}`);
  for (let at = 0; at < 12; at++) await write(page, `line ${at}\n\nand more of it\n\nand the rest of it`);
  const last = message(page, "line 11");
  const log = page.getByRole("log", { name: "Messages" });
  const below = () => log.evaluate((l) => Math.round(l.scrollHeight - l.scrollTop - l.clientHeight));
  await expect(last).toBeVisible();
  for (const height of [844, 420, 844]) {
    await page.setViewportSize({ width: 390, height });
    await expect.poll(below).toBeLessThan(2);
  }
  await page.getByRole("textbox", { name: /^Message to/ }).fill("a\nb\nc\nd\ne");
  await expect.poll(below).toBeLessThan(2);
  // Whoever reads further up is not moved.
  await log.evaluate((l) => l.scrollBy({ top: -400, behavior: "instant" }));
  await still(log);
  const before = await anchor(page);
  await page.setViewportSize({ width: 390, height: 500 });
  await still(log);
  expect(await yOf(page, before.key)).toBeCloseTo(before.y, 0);
  await context.close();
});

test("the first new message is found though it is not loaded yet, and what one saw is not offered again", async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const { page, context } = await register(browser, "ann");
  const name = `Many ${Date.now()}`;
  await createRoom(page, name);
  await write(page, "read already");
  await expect(message(page, "read already").getByLabel(/Accepted|In the audit log/)).toBeVisible();
  const link = await inviteLink(page);
  // Looked at for long enough to be read.
  await page.waitForTimeout(1_500);
  await page.getByRole("link", { name: /^Lobby/ }).click();
  await say(link, 120);
  await page.reload();
  await page.getByRole("link", { name: new RegExp(`^${name}`) }).click();
  const button = page.getByRole("button", { name: "First new message" });
  await button.click();
  await expect(page.getByRole("heading", { name: "New", exact: true })).toBeInViewport();
  await expect(message(page, "read already")).toBeInViewport();
  await page.getByRole("button", { name: /^Go to the newest message/ }).click();
  await expect(page.getByRole("article").last()).toBeInViewport();
  await expect(button).toHaveCount(0);
  await context.close();
});
