import { expect, test } from "@playwright/test";
import { Front, type Protocol, stack } from "./front";
import { INVITE, type Person, createRoom, inviteLink, join, message, register, write } from "./people";

const TABS = 8;
const edgeOf = (index: number): URL => new URL(stack().edges[index]?.url ?? "");

for (const protocol of ["HTTP/1.1", "HTTP/2"] satisfies Protocol[]) {
  test(`eight tabs share one stream over ${protocol}`, async ({ browser }) => {
    test.setTimeout(120_000);
    const front = await Front.before(edgeOf(0), protocol);
    const ann = await register(browser, "ann", front.address(INVITE));
    await createRoom(ann.page, `Tabs ${Date.now()}`);
    const address = ann.page.url();
    const tabs = await Promise.all(Array.from({ length: TABS - 1 }, () => ann.context.newPage()));
    // Six streams of their own would freeze the origin over HTTP/1.1.
    for (const tab of tabs) await tab.goto(address);
    for (const [at, tab] of tabs.entries()) {
      await write(tab, `from tab ${at}`);
      for (const other of [ann.page, ...tabs]) await expect(message(other, `from tab ${at}`)).toBeVisible();
    }
    expect(front.streamsMax).toBe(1);
    expect(front.protocols).toContain(protocol);
    // The stream outlives the tab that opened it.
    await ann.page.close();
    const [first, ...others] = tabs;
    if (first) await write(first, "without the first tab");
    for (const tab of others) await expect(message(tab, "without the first tab")).toBeVisible();
    expect(front.streamsMax).toBe(1);
    await ann.context.close();
    front.close();
  });
}

test("without shared workers one tab leads the others, and the next one takes over", async ({ browser }) => {
  test.setTimeout(120_000);
  const front = await Front.before(edgeOf(0), "HTTP/2");
  const without = (context: Person["context"]) =>
    context.addInitScript(() => {
      delete (globalThis as { SharedWorker?: unknown }).SharedWorker;
    });
  const ann = await register(browser, "ann", front.address(INVITE), without);
  await createRoom(ann.page, `Led ${Date.now()}`);
  await write(ann.page, "before the change");
  const [second, third] = [await ann.context.newPage(), await ann.context.newPage()];
  for (const tab of [second, third]) {
    await tab.goto(ann.page.url());
    await expect(message(tab, "before the change")).toBeVisible();
  }
  await write(third, "said by one that is led");
  for (const tab of [ann.page, second, third]) await expect(message(tab, "said by one that is led")).toBeVisible();
  expect(front.streamsMax).toBe(1);

  const opened = front.streamsOpened;
  // Typed a moment before the leader goes: nobody has kept it yet.
  const composer = second.getByRole("textbox", { name: /^Message to/ });
  await composer.fill("half a thought");
  await ann.page.close();
  // What the tabs showed before proves nothing: the next core has opened its own stream once it listens.
  await expect.poll(() => front.streamsOpened).toBeGreaterThan(opened);
  for (const tab of [second, third]) await expect(message(tab, "before the change")).toBeVisible();
  await expect(composer).toHaveValue("half a thought", { timeout: 30_000 });
  await write(second, "and on it goes");
  await expect(message(third, "and on it goes")).toBeVisible();
  await expect.poll(() => front.streams).toBe(1);
  expect(ann.violations).toEqual([]);
  await ann.context.close();
  front.close();
});

test.describe("when servers fail", () => {
  test.describe.configure({ mode: "serial" });
  let front: Front;
  let ann: Person;
  let ben: Person;

  test.beforeAll(async ({ browser }) => {
    test.setTimeout(120_000);
    front = await Front.before(edgeOf(0), "HTTP/2");
    ann = await register(browser, "ann", front.address(INVITE));
    ben = await register(browser, "ben");
    await createRoom(ann.page, `Weather ${Date.now()}`);
    const link = new URL(await inviteLink(ann.page));
    link.port = new URL(INVITE).port;
    await join(ben, link.href);
  });

  test.afterAll(async () => {
    await ann?.context.close();
    await ben?.context.close();
    front?.close();
  });

  test("a storm of 503 is sat out: nothing is lost, nothing is hammered", async () => {
    front.refuse();
    await write(ann.page, "into the storm");
    await write(ben.page, "from the dry side");
    const row = message(ann.page, "into the storm");
    await expect(row.getByRole("img", { name: /Waiting to be sent|Sending/ })).toBeVisible();
    await expect(ann.page.getByRole("status").filter({ hasText: "What you write is" })).toBeVisible();
    await expect.poll(() => front.refused).toBeGreaterThan(3);
    front.serve();
    await expect(row.getByLabel(/Accepted by the server|In the audit log/)).toBeVisible({
      timeout: 45_000,
    });
    await expect(message(ann.page, "from the dry side")).toHaveCount(1, { timeout: 45_000 });
    await expect(message(ben.page, "into the storm")).toHaveCount(1);
    // Stream, outbox and some queries with back-off: far from one request each animation frame.
    expect(front.refused).toBeLessThan(200);
  });

  test("an edge is killed under a conversation, and another one takes over without a gap", async () => {
    const [dying, other] = stack().edges;
    if (!dying?.pid || !other) throw new Error("the stack has one edge only");
    await write(ann.page, "before the kill");
    await expect(message(ben.page, "before the kill")).toBeVisible();
    const opened = front.streamsOpened;
    process.kill(dying.pid, "SIGKILL");
    front.lead(new URL(other.url));
    const said = ["one", "two", "three"].map((word) => `${word} after the kill`);
    for (const text of said) {
      await write(ann.page, text);
      await write(ben.page, `heard ${text}`);
    }
    for (const text of said) {
      for (const { page } of [ann, ben]) {
        await expect(page.getByRole("article").filter({ hasText: new RegExp(`(?<!heard )${text}`) })).toHaveCount(1, {
          timeout: 45_000,
        });
        await expect(message(page, `heard ${text}`)).toHaveCount(1, { timeout: 45_000 });
      }
    }
    expect(front.streamsOpened).toBeGreaterThan(opened);
    // Both see one order.
    const order = async ({ page }: Person) =>
      (await page.getByRole("article").allTextContents()).flatMap(
        (text) => /(?:heard )?\w+ after the kill/.exec(text) ?? [],
      );
    await expect.poll(async () => (await order(ann)).join()).toBe((await order(ben)).join());
  });

  test("nothing broke the content security policy", async () => {
    expect([...ann.violations, ...ben.violations]).toEqual([]);
  });
});
