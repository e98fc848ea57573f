import { type Page, expect, test } from "@playwright/test";
import { decodeQR } from "qr/decode.js";
import { type Person, createRoom, inviteLink, join, message, register, write } from "./people";

test.describe.configure({ mode: "serial" });

let ann: Person;
let ben: Person;
const room = `Keys ${Date.now()}`;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  ann = await register(browser, "ann");
  ben = await register(browser, "ben");
  await createRoom(ann.page, room);
  await join(ben, await inviteLink(ann.page));
  await write(ben.page, "from the first key");
  await expect(message(ann.page, "from the first key")).toBeVisible();
});

test.afterAll(async () => {
  for (const person of [ann, ben]) await person?.context.close();
});

const bar = (page: Page) => page.getByRole("region", { name: "A changed key" });
const words = (page: Page) => page.getByRole("list", { name: "Words to compare" }).getByRole("listitem");

async function openPerson(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: /^Members/ }).click();
  const members = page.getByRole("complementary", { name: "Members" });
  await members.getByRole("button", { name: new RegExp(`^${name}`) }).click();
}

async function closePerson(page: Page): Promise<void> {
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Close members" }).click();
}

/** Makes this browser remember another key for somebody, as if theirs had changed since. */
async function rememberAnotherKey(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.addEventListener("success", () => resolve(request.result));
        request.addEventListener("error", () => reject(request.error ?? new Error("IndexedDB")));
      });
    const names = (await indexedDB.databases()).flatMap(({ name }) => name ?? []);
    const own = names.find((name) => /^sealcast-[0-9a-f]{8}-/.test(name)) ?? "";
    const db = await done(indexedDB.open(own));
    const pins = db.transaction("pins", "readwrite").objectStore("pins");
    for (const pin of (await done(pins.getAll())) as { user_id: string }[]) {
      if (!own.endsWith(pin.user_id)) await done(pins.put({ ...pin, fingerprint: "f".repeat(64) }));
    }
    db.close();
  });
  await page.reload();
}

test("a changed key is told calmly where nobody had compared it", async () => {
  await rememberAnotherKey(ann.page);
  await expect(bar(ann.page)).toContainText(`${ben.name} has a new key`, { timeout: 30_000 });
  await expect(message(ann.page, "from the first key")).toBeVisible();
  await ann.page.screenshot({ path: "out/key-changed.png" });
  await write(ann.page, "we go on");
  await expect(message(ben.page, "we go on")).toBeVisible();
  await bar(ann.page).getByRole("button", { name: "All right" }).click();
  await expect(bar(ann.page)).toHaveCount(0);
  await ann.page.reload();
  await expect(message(ann.page, "we go on")).toBeVisible({ timeout: 30_000 });
  await expect(bar(ann.page)).toHaveCount(0);
});

test("scanning a code verifies, when it stands on the right screen", async () => {
  await openPerson(ben.page, ann.name);
  await ben.page.getByRole("button", { name: "Show as QR code" }).click();
  const code = ben.page.getByRole("img", { name: `A code for ${ann.name} to scan` });
  await expect(code).toHaveAttribute("aria-busy", "false");
  await ben.page.screenshot({ path: "out/qr-code.png" });
  const { data, ...size } = await code.evaluate(pixelsOf);
  const address = decodeQR({ ...size, data: Uint8Array.from(data) });
  await closePerson(ben.page);

  const tab = await ann.context.newPage();
  await tab.goto(address.replace(/.$/, (last) => (last === "b" ? "d" : "b")));
  await expect(tab.getByRole("heading", { name: `The code does not fit ${ben.name}’s key` })).toBeVisible();
  await tab.goto("about:blank");
  await tab.goto(address);
  await expect(tab.getByRole("heading", { name: `The code fits ${ben.name}’s key` })).toBeVisible();
  await tab.screenshot({ path: "out/compare.png" });
  await tab.getByRole("button", { name: `I scanned it from ${ben.name}’s screen` }).click();
  await expect(tab.getByRole("heading", { name: `${ben.name} is verified` })).toBeVisible();
  await tab.close();
});

test("nothing is sent where somebody verified has another key, until one has compared again", async () => {
  await rememberAnotherKey(ann.page);
  await expect(bar(ann.page)).toContainText("has another key than the one you compared", { timeout: 30_000 });
  await expect(ann.page.getByRole("textbox", { name: /^Message to/ })).toHaveCount(0);
  await expect(ann.page.locator("[data-reason=sender_key_changed]").first()).toBeVisible();
  await ann.page.screenshot({ path: "out/key-refused.png" });
  await bar(ann.page).getByRole("button", { name: "Compare" }).click();
  await expect(ann.page.getByRole("dialog")).toContainText("It took the place of another key");
  await expect(words(ann.page)).toHaveCount(8);
  await ann.page.getByRole("button", { name: "The words are the same" }).click();
  await ann.page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await expect(bar(ann.page)).toHaveCount(0);
  await expect(message(ann.page, "from the first key")).toBeVisible();
  await write(ann.page, "compared again");
  await expect(message(ben.page, "compared again")).toBeVisible();
});

test("nothing broke the content security policy", async () => {
  expect([...ann.violations, ...ben.violations]).toEqual([]);
});

/** A drawing as a camera sees it. */
async function pixelsOf(svg: Element): Promise<{ width: number; height: number; data: number[] }> {
  const side = 400;
  const image = new Image(side, side);
  image.src = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" }));
  await image.decode();
  const context = Object.assign(document.createElement("canvas"), { width: side, height: side }).getContext("2d");
  if (!context) throw new Error("no canvas");
  context.fillStyle = "white";
  context.fillRect(0, 0, side, side);
  context.drawImage(image, 0, 0, side, side);
  return { width: side, height: side, data: [...context.getImageData(0, 0, side, side).data] };
}
