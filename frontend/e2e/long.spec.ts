import { type Page, expect, test } from "@playwright/test";
import { type Person, createRoom, message, register, write } from "./people";

/** As many as the server takes at once; `E2E_MESSAGES=2000` against a server with a larger allowance scrolls further. */
const MESSAGES = Number(process.env["E2E_MESSAGES"] ?? 220);
const WHEEL_PX = -700;

let ann: Person;

test.afterAll(async () => ann?.context.close());

/** Where the rows on the screen stand, by what they say. */
const places = (page: Page) =>
  page.evaluate(() => {
    const log = document.querySelector("[role=log]");
    const frame = log?.getBoundingClientRect();
    const rows = [...(log?.querySelectorAll("article") ?? [])].map((row) => ({
      says: /row \d+ of many/.exec(row.textContent ?? "")?.[0] ?? "",
      y: row.getBoundingClientRect().y - (frame?.y ?? 0),
    }));
    return rows.filter(({ says, y }) => says !== "" && y > 0 && y < (frame?.height ?? 0));
  });

test("scrolling back through a long history never moves what one reads", async ({ browser }) => {
  test.setTimeout(120_000 + MESSAGES * 600);
  ann = await register(browser, "ann");
  const { page } = ann;
  await createRoom(page, `Long ${Date.now()}`);
  for (let at = 1; at <= MESSAGES; at++) {
    // Rows of many heights: estimates are wrong for most of them.
    await write(page, `row ${at} of many${" and more words".repeat((at * 7) % 40)}`);
    if (at % 50 === 0)
      await expect(message(page, `row ${at} of many`).getByLabel(/Accepted|In the audit log/)).toBeVisible({
        timeout: 60_000,
      });
  }
  await expect(message(page, `row ${MESSAGES} of many`).getByLabel(/Accepted|In the audit log/)).toBeVisible({
    timeout: 120_000,
  });
  // A new visit begins with one page, and loads the others while it scrolls.
  await page.reload();
  await expect(message(page, `row ${MESSAGES} of many`)).toBeVisible({ timeout: 30_000 });

  const log = page.getByRole("log", { name: "Messages" });
  await log.hover();
  let drift = 0;
  let seen = 0;
  for (let turns = 0; turns < MESSAGES && seen === 0; turns++) {
    await page.mouse.wheel(0, WHEEL_PX);
    await page.waitForTimeout(60);
    const before = await places(page);
    // Whatever is loaded above meanwhile must not move what is on the screen.
    await page.waitForTimeout(250);
    const after = new Map((await places(page)).map(({ says, y }) => [says, y]));
    for (const { says, y } of before) drift = Math.max(drift, Math.abs((after.get(says) ?? y) - y));
    if (before.some(({ says }) => says === "row 1 of many")) seen = turns;
  }
  expect(seen, "the beginning is reached").toBeGreaterThan(0);
  expect(drift, "pixels").toBeLessThan(2);
  expect(await log.getByRole("article").count()).toBeLessThan(80);
});
