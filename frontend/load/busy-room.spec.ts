import { readFileSync } from "node:fs";
import { type Browser, type CDPSession, type Page, expect, test } from "@playwright/test";
import { say, talk } from "../e2e/crowd";
import { createRoom, inviteLink, register } from "../e2e/people";

const env = (name: string, usual: number) => Number(process.env[name] ?? usual);
const MESSAGES = env("LOAD_MESSAGES", 10_000);
const RATE = env("LOAD_RATE", 20);
const SECONDS = env("LOAD_SECONDS", 60);
/** One account sends four messages a second for as long as it likes. */
const RATE_PER_PERSON = 3;
/** As many as the window holds, at most. */
const PAGES_BACK = Math.min(90, Math.floor(MESSAGES / 50) - 1);
const SETTLE_MS = 5_000;
const PEOPLE_MAX = 500;
let talks = 0;

interface Cost {
  /** Of the page, after a collection of garbage; the worker has a heap of its own. */
  heapMb: number;
  /** All renderers of the browser: page and worker. */
  residentMb: number;
  cpuS: number;
  /** What the page's main thread did. */
  taskS: number;
  scriptS: number;
  layoutS: number;
}

/** Looks at what the browser has cost so far. */
async function cost(page: Page, browser: CDPSession, tab: CDPSession): Promise<Cost> {
  await tab.send("HeapProfiler.collectGarbage");
  const { usedSize } = await tab.send("Runtime.getHeapUsage");
  const { metrics } = await tab.send("Performance.getMetrics");
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  const pages = renderers.map(({ id }) => residentOf(id)).reduce((sum, octets) => sum + octets, 0);
  expect(page.isClosed()).toBe(false);
  return {
    heapMb: usedSize / 2 ** 20,
    residentMb: pages / 2 ** 20,
    cpuS: renderers.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
    taskS: of("TaskDuration"),
    scriptS: of("ScriptDuration"),
    layoutS: of("LayoutDuration") + of("RecalcStyleDuration"),
  };
}

const residentOf = (pid: number): number => {
  const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kb ?? 0) * 1_024;
};

function print(what: string, before: Cost, after: Cost, seconds: number): void {
  const share = (one: number) => `${((100 * one) / seconds).toFixed(1)} %`;
  const { cpuS, taskS, scriptS, layoutS } = after;
  console.log(
    `${what}: heap ${before.heapMb.toFixed(1)} → ${after.heapMb.toFixed(1)} MB, resident ${before.residentMb.toFixed(0)} → ` +
      `${after.residentMb.toFixed(0)} MB, CPU ${share(cpuS - before.cpuS)} of a core (page and worker), ` +
      `main thread ${share(taskS - before.taskS)}, of it script ${share(scriptS - before.scriptS)}, ` +
      `layout ${share(layoutS - before.layoutS)}`,
  );
}

/** Lets people talk for a while at the newest message, and prints what that costs. */
async function listen(page: Page, browser: Browser, link: string, what: string): Promise<void> {
  const [all, tab] = [await browser.newBrowserCDPSession(), await page.context().newCDPSession(page)];
  await tab.send("Performance.enable");
  const people = Math.ceil(RATE / RATE_PER_PERSON);
  const text = `Talk ${++talks}`;
  const { ended } = talk(link, { text, messages: RATE * SECONDS, people, rate: RATE });
  // Registering people costs this machine more than their messages do.
  await expect(page.getByRole("article").filter({ hasText: `${text} ` })).not.toHaveCount(0, { timeout: 120_000 });
  await page.waitForTimeout(SETTLE_MS);
  const [before, begun] = [await cost(page, all, tab), Date.now()];
  await page.waitForTimeout(Math.max(10_000, (SECONDS - 15) * 1_000));
  print(what, before, await cost(page, all, tab), (Date.now() - begun) / 1_000);
  await ended;
}

test("a room of many messages, and many that arrive", async ({ browser }) => {
  const { page, context } = await register(browser, "load");
  await createRoom(page, `Busy ${Date.now()}`);
  const link = await inviteLink(page, PEOPLE_MAX);
  await listen(page, browser, link, `a new room, ${RATE} messages a second`);
  await say(link, MESSAGES);
  await page.reload();
  const log = page.getByRole("log", { name: "Messages" });
  await expect(log.getByRole("article").first()).toBeVisible({ timeout: 60_000 });
  await listen(page, browser, link, `${MESSAGES} messages in the room, its newest page loaded, ${RATE} a second`);

  // As far back as the window goes.
  const begun = Date.now();
  for (let page = 0; page < PAGES_BACK; page++) {
    // Each page that comes in above makes the scrolled height larger.
    const height = await log.evaluate((element) => {
      element.scrollTo({ top: 0, behavior: "instant" });
      return element.scrollHeight;
    });
    await expect
      .poll(() => log.evaluate((element) => element.scrollHeight), { timeout: 15_000 })
      .toBeGreaterThan(height);
  }
  console.log(`${PAGES_BACK} pages of 50 older messages in ${((Date.now() - begun) / 1_000).toFixed(1)} s`);
  await log.evaluate((element) => element.scrollTo({ top: element.scrollHeight, behavior: "instant" }));
  await page.waitForTimeout(SETTLE_MS);
  await listen(page, browser, link, `the same with ${50 * (PAGES_BACK + 1)} messages loaded, ${RATE} a second`);
  await context.close();
});
