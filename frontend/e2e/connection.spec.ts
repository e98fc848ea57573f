import { expect, test } from "@playwright/test";
import { INVITE, type Person, createRoom, message, register, unlock, write } from "./people";
import { Wire } from "./wire";

test.describe.configure({ mode: "serial" });

let wire: Wire;
let ann: Person;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  wire = await Wire.to(new URL(INVITE));
  ann = await register(browser, "ann", wire.address(INVITE));
  await createRoom(ann.page, `Line ${Date.now()}`);
});

test.afterAll(async () => {
  await ann?.context.close();
  wire?.close();
});

test("eight tabs need the password once and show the same", async () => {
  const address = ann.page.url();
  const tabs = await Promise.all(Array.from({ length: 7 }, () => ann.context.newPage()));
  for (const tab of tabs) await tab.goto(address);
  await write(ann.page, "for all tabs");
  for (const tab of tabs) await expect(message(tab, "for all tabs")).toBeVisible();
  for (const tab of tabs) await tab.close();
});

test("a cut is said calmly, and what is written meanwhile goes out afterwards", async () => {
  wire.cut();
  await write(ann.page, "written in a tunnel");
  const row = message(ann.page, "written in a tunnel");
  await expect(row.getByRole("img", { name: /Waiting to be sent|Sending/ })).toBeVisible();
  const banner = ann.page.getByRole("status").filter({ hasText: "What you write is" });
  await expect(banner).toBeVisible();
  wire.mend();
  await banner.getByRole("button", { name: "Try now" }).click();
  await expect(ann.page.getByText("Back online.")).toBeVisible();
  await expect(row.getByLabel(/Accepted by the server|In the audit log/)).toBeVisible();
  await expect(banner).toHaveCount(0);
});

test("what waits to be sent survives a lock", async () => {
  wire.cut();
  await write(ann.page, "written, then locked");
  const row = message(ann.page, "written, then locked");
  await expect(row.getByRole("img", { name: /Waiting to be sent|Sending/ })).toBeVisible();
  await ann.page.getByRole("button", { name: new RegExp(`^${ann.name}`) }).click();
  await ann.page.getByRole("menuitem", { name: "Lock now" }).click();
  await expect(ann.page.getByRole("heading", { name: "Unlock your messages" })).toBeVisible();
  wire.mend();
  await ann.page.reload();
  await unlock(ann.page);
  await expect(row.getByLabel(/Accepted by the server|In the audit log/)).toBeVisible({
    timeout: 45_000,
  });
  await expect(row).toHaveCount(1);
});
