import { type Page, expect, test } from "@playwright/test";
import { say } from "./crowd";
import { act, createRoom, inviteLink, message, register, write } from "./people";

const MESSAGES = 2_000;

const STEP = 400;

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

/** Goes up as far as there is room for a step; says how far. */
const goUp = (page: Page) =>
  page.getByRole("log", { name: "Messages" }).evaluate((log, step) => {
    if (log.scrollTop < step) return 0;
    log.scrollBy({ top: -step, behavior: "instant" });
    return step;
  }, STEP);

test("two thousand messages are scrolled back to the first, few at a time in the document", async ({ browser }) => {
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
  for (let turns = 0; turns < 2_000 && (await first.count()) === 0; turns++) {
    const before = await anchor(page);
    for (const key of await keys(page)) seen.add(key);
    const up = await goUp(page);
    await page.waitForTimeout(80);
    const y = await yOf(page, before.key);
    drifts.push(y === undefined ? Number.POSITIVE_INFINITY : Math.abs(y - before.y - up));
  }
  await expect(message(page, "the very first")).toBeVisible();
  // At some joins of pages a row's height is known only when it is drawn: so much it moved at most (not yet 1 px).
  const moved = `${Math.max(...drifts)} px at most, ${drifts.filter((drift) => drift > 1).length} of ${drifts.length} steps`;
  test.info().annotations.push({ type: "drift", description: moved });
  console.log(`      what one looked at moved by ${moved}`);
  for (const key of await keys(page)) seen.add(key);
  // Every message came by, and few at a time are in the document.
  expect(seen.size).toBe(MESSAGES + 1);
  expect(await log.getByRole("article").count()).toBeLessThan(80);

  await page.getByRole("button", { name: /^Go to the newest message/ }).click();
  await expect(message(page, `Crowd message ${MESSAGES - 1}`).first()).toBeVisible();

  // What was opened from a message stays when its row leaves the document.
  const last = message(page, `Crowd message ${MESSAGES - 1}`).first();
  const key = (await last.getAttribute("data-key")) ?? "";
  await act(page, `Crowd message ${MESSAGES - 1}`, "More", "Proof");
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
