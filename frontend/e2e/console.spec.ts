import { readFileSync, writeFileSync } from "node:fs";
import { type Locator, type Page, expect, test } from "@playwright/test";
import { axeFindings, look } from "./look";
import { type Person, createRoom, message, openBrowser, register, signIn, write } from "./people";

/** The stack's two auditors and its compliance key, as `cargo xtask test` passes them. */
const AUDITOR = process.env["E2E_AUDITOR"] ?? "quinn";
const SECOND = process.env["E2E_SECOND_AUDITOR"] ?? "rosa";
const KEY = process.env["E2E_COMPLIANCE_KEY"] ?? "";
const passwordOf = (name: string): string => `demo password of ${name}`;

/** Looks at a whole view, which must not scroll sideways. */
const lookAt = (page: Page, name: string) =>
  look(page, `console-${name}`, {
    fullPage: true,
    fits: () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
  });

type Officer = Omit<Person, "name">;

async function officer(browser: Parameters<typeof openBrowser>[0], name: string): Promise<Officer> {
  const opened = await openBrowser(browser);
  await opened.page.goto("/");
  await signIn(opened.page, name, passwordOf(name));
  await expect(opened.page.getByLabel("User name")).toBeHidden({ timeout: 45_000 });
  return opened;
}

const caseCard = (page: Page, number: string): Locator => page.getByRole("region", { name: `Case ${number}` });
const view = (page: Page, name: string): Promise<void> =>
  page.getByRole("navigation", { name: "Views" }).getByRole("link", { name }).click();

async function askConsent(page: Page, number: string, action: string): Promise<void> {
  const form = page.getByRole("form", { name: `Ask for consent in ${number}` });
  await form.getByLabel("Ask for consent to").selectOption({ label: action });
  await form.getByLabel("Reason").fill(`to ${action}, for the complaint`);
  await form.getByRole("button", { name: "Ask" }).click();
  await expect(caseCard(page, number).getByText(`asks to ${action}`)).toBeVisible();
}

async function consent(page: Page, number: string, action: string): Promise<void> {
  const form = caseCard(page, number).getByRole("form", { name: `Decide about ${action}` });
  await form.getByLabel("Why you consent or refuse").fill("the complaint is plausible");
  await form.getByRole("button", { name: "Consent" }).click();
  await expect(form).toBeHidden();
}

/** A split key that the Rust side has made, and its shares (test/shares.test.ts); it is not the organisation's. */
const vector = (name: string): string => new URL(`../test/vectors/shares/${name}`, import.meta.url).pathname;
const wordsOf = (number: number): string =>
  readFileSync(vector(`compliance.key.share-${number}`), "utf8").replaceAll(/^#.*\n/gm, "");

async function loadKey(page: Page): Promise<void> {
  await page.getByLabel("Compliance key, to read").setInputFiles(KEY);
  await expect(page.getByRole("timer")).toHaveText(/^(?:10|9):\d\d$/);
}

test("a case from its opening to the check of its export on a machine without network", async ({ browser }) => {
  test.setTimeout(300_000);
  const number = `E2E-${Date.now().toString(36)}`;

  // What the case is about: a room that no officer is in.
  const ann = await register(browser, "ann");
  await createRoom(ann.page, `Evidence ${number}`);
  const room = new URL(ann.page.url()).pathname.split("/").at(-1) ?? "";
  const texts = ["Nobody saw it.", "The invoice is from <b>May</b>.", "Zahl’ bar 👋"];
  for (const text of texts) await write(ann.page, text);
  await expect(message(ann.page, "Zahl’ bar")).toBeVisible();
  await expect(ann.page.getByLabel("In the audit log, proof verified")).toHaveCount(texts.length, { timeout: 45_000 });

  const quinn = await officer(browser, AUDITOR);
  const rosa = await officer(browser, SECOND);
  const { page } = quinn;
  await page.goto("/console?view=cases");

  await test.step("open a case and ask", async () => {
    await page.getByText("Open a case", { exact: true }).click();
    const form = page.getByRole("form", { name: "New case" });
    await form.getByLabel("Number").fill(number);
    await form.getByLabel("Reason").fill("complaint about an invoice");
    await form.getByLabel("Legal basis").fill("GDPR 6(1)(c)");
    await form.getByLabel("Room (empty").fill(room);
    await form.getByRole("button", { name: "Open it" }).click();
    await expect(caseCard(page, number)).toContainText("complaint about an invoice");
    await askConsent(page, number, "look at messages");
    await askConsent(page, number, "export");
    await expect(caseCard(page, number).getByText("you cannot consent to what you asked for")).toHaveCount(2);
  });

  await test.step("without consent there is no answer", async () => {
    await caseCard(page, number).getByRole("link", { name: "See its messages" }).click();
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await expect(page.getByRole("alert").filter({ hasText: "Ask for it under Cases" })).toBeVisible();
  });

  await test.step("the second officer consents", async () => {
    await rosa.page.goto("/console?view=cases");
    await consent(rosa.page, number, "look at messages");
    await consent(rosa.page, number, "export");
    await expect(caseCard(rosa.page, number).getByText("Granted", { exact: true })).toHaveCount(2);
  });

  const rows = page.locator("tr[data-message]");
  await test.step("query and verify", async () => {
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await expect(rows).toHaveCount(texts.length);
    await expect(rows.first()).toContainText("sealed");
    await page.getByRole("checkbox", { name: "Tick all" }).check();
    await page.getByRole("button", { name: `Verify ${texts.length} ticked` }).click();
    await expect(page.getByText("Verified here")).toHaveCount(texts.length);
  });

  await test.step("read only what is ticked", async () => {
    await loadKey(page);
    await page.getByRole("checkbox", { name: "Tick all" }).uncheck();
    await rows
      .filter({ has: page.getByText("sealed") })
      .first()
      .getByRole("checkbox")
      .check();
    await page.getByRole("button", { name: "Read 1 ticked" }).click();
    await expect(rows.first()).toContainText("Zahl’ bar 👋");
    await expect(rows.nth(1)).toContainText("sealed");
    await lookAt(page, "messages");
  });

  const verifier = test.info().outputPath("verify.html");
  const file = test.info().outputPath("export.tar");
  let logKey = "";

  await test.step("export, and go on after a reload", async () => {
    await view(page, "Exports");
    // The first page of leaves does not come before the officer gives up and reloads.
    let held = 0;
    await quinn.context.route("**/leaves?*", () => void held++);
    const form = page.getByRole("form", { name: "New export" });
    await expect(form.getByLabel("Case")).toHaveValue(/.{36}/);
    await form.getByRole("button", { name: "Begin" }).click();
    await expect.poll(() => held).toBeGreaterThan(0);
    await lookAt(page, "exports-begun");
    // Only now: a request that is held goes on when its route ends.
    await page.reload();
    await quinn.context.unroute("**/leaves?*");
    const card = page.getByRole("region", { name: `Export of case ${number}` });
    await expect(card).toContainText("3 messages");
    await card.getByRole("button", { name: "Go on" }).click();
    await expect(card).toContainText(/All \d+ leaves of the log are here/, { timeout: 30_000 });

    await loadKey(page);
    await card.getByRole("checkbox", { name: "With the texts" }).check();
    await card.getByRole("button", { name: "Sign and make the file" }).click();
    const save = card.getByRole("link", { name: /^Save/ });
    await expect(save).toBeVisible({ timeout: 60_000 });
    await expect(card.getByText("Verified here")).toBeVisible();
    const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
    await download.saveAs(file);
    await card.getByText("How whoever gets it checks it").click();
    logKey = ((await card.locator("code").first().textContent()) ?? "").trim();
    writeFileSync(verifier, await page.evaluate(async () => (await fetch("/verify.html")).text()));
    await lookAt(page, "exports");
  });

  await test.step("verify it offline", async () => {
    const outside = await browser.newContext({ offline: true });
    const offline = await outside.newPage();
    const verdict = async (octets: Buffer): Promise<string> => {
      await offline.goto(`file://${verifier}`);
      await offline.getByLabel("The log’s key").fill(logKey);
      await offline
        .getByLabel("The export", { exact: true })
        .setInputFiles({ name: "export.tar", mimeType: "", buffer: octets });
      const status = offline.getByRole("status");
      await expect(status).toHaveText(/^(?:Verified|Not verified|Consistent)/, { timeout: 30_000 });
      return (await status.textContent()) ?? "";
    };
    const octets = readFileSync(file);
    expect(await verdict(octets)).toBe("Verified under the log key that you gave.");
    for (const text of texts) await expect(offline.getByRole("cell", { name: text, exact: true })).toBeVisible();
    expect(await axeFindings(offline)).toEqual([]);
    await offline.screenshot({ path: "out/console-verify.png", fullPage: true });
    const changed = Buffer.from(octets);
    const at = changed.indexOf("Nobody saw it.");
    expect(at).toBeGreaterThan(0);
    changed.write("Somebody", at);
    expect(await verdict(changed)).toMatch(/^Not verified/);
    await expect(offline.getByText(/^view\.ndjson.*line 1|^view\.ndjson/).first()).toBeVisible();
    await outside.close();
  });

  await test.step("hold, and release with a second officer", async () => {
    await view(page, "Holds and retention");
    await page.getByText("Place a hold", { exact: true }).click();
    const form = page.getByRole("form", { name: "New hold" });
    await form.getByLabel("Reason").fill(`litigation ${number}`);
    await form.getByLabel("Room (empty").fill(room);
    await form.getByRole("button", { name: "Place it" }).click();
    const hold = page.getByRole("region", { name: `Hold of case ${number}` });
    await expect(hold).toContainText(`litigation ${number}`);
    await hold.getByText("Release this hold").click();
    await hold.getByLabel("Why it shall be released").fill("settled");
    await hold.getByRole("button", { name: "Ask a second officer" }).click();
    await expect(hold).toContainText("Waits for a second officer");
    await lookAt(page, "holds");
    await rosa.page.reload();
    await consent(rosa.page, number, "release a hold");
    await page.reload();
    await hold.getByText("Release this hold").click();
    await hold.getByLabel("Why it is released").fill("settled");
    await hold.getByRole("button", { name: "Release it" }).click();
    await page.getByText(/^Released \(/).click();
    await expect(hold).toContainText(/Released 20.*: settled/);
  });

  await test.step("the trace, the report, the health of the log", async () => {
    await view(page, "My access log");
    for (const kind of ["export started", "decryption granted", "messages queried"])
      await expect(page.getByRole("cell", { name: kind }).first()).toBeVisible();
    await expect(page.getByRole("cell", { name: /^3 messages: room .*, with consent$/ }).first()).toBeVisible();
    await lookAt(page, "access");
    await view(page, "Health of the log");
    await expect(page.getByText("Verified here")).toBeVisible();
    await expect(page.getByRole("list", { name: "Ingest" })).toContainText("No gap in the newest");
    await lookAt(page, "health");
    await view(page, "Cases");
    await lookAt(page, "cases");
    await caseCard(page, number).getByRole("link", { name: "Report" }).click();
    const report = page.getByRole("article", { name: `Report of case ${number}` });
    await expect(report).toContainText("export started");
    await expect(report).toContainText("hold released");
    await lookAt(page, "report");
    await page.pdf({ path: "out/console-report.pdf", preferCSSPageSize: true });
    await page.goBack();
    await expect(caseCard(page, number)).toBeVisible();
    await caseCard(page, number).getByText("Close this case").click();
    await caseCard(page, number).getByLabel("What came of it").fill("founded");
    await caseCard(page, number).getByRole("button", { name: "Close it for good" }).click();
    await expect(caseCard(page, number)).toContainText("closed 20");
  });

  for (const { violations, context } of [ann, quinn, rosa]) {
    expect(violations).toEqual([]);
    await context.close();
  }
});

test("a query stands in the URL, and the keyboard is enough", async ({ browser }) => {
  const { context, page, violations } = await officer(browser, AUDITOR);
  await page.goto("/console?order=oldest_first");
  await expect(page.getByRole("checkbox", { name: "Oldest first" })).toBeChecked();

  const filter = page.getByRole("combobox", { name: "Filter", exact: true });
  await filter.focus();
  await filter.selectOption({ label: "Sender" });
  await page.keyboard.press("Tab");
  await page.keyboard.type(AUDITOR);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("list", { name: "Filters" })).toContainText(`Sender: ${AUDITOR}`);
  await expect(page).toHaveURL(/sender=[0-9a-f-]{36}/);
  await page.getByRole("button", { name: "Remove Sender" }).focus();
  await page.keyboard.press("Enter");
  await expect(page).not.toHaveURL(/sender=/);

  await page.getByRole("button", { name: "Ask", exact: true }).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("tr[data-message]").first()).toContainText("sealed");
  // One stop for all bars; arrows go from one to the next, and Enter narrows.
  const bars = page.getByRole("toolbar").getByRole("button");
  await expect(bars.first()).toBeVisible();
  await bars.first().focus();
  await page.keyboard.press("End");
  await expect(bars.last()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/from=.*to=|to=.*from=/);
  await expect(page.getByRole("list", { name: "Filters" })).toContainText("Until:");

  await page.getByRole("link", { name: "Cases", exact: true }).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/view=cases/);
  await page.goBack();
  await expect(page).not.toHaveURL(/view=/);
  expect(violations).toEqual([]);
  await context.close();
});

test("a key lives in its worker, is counted down, and can be dropped", async ({ browser }) => {
  const { context, page } = await officer(browser, AUDITOR);
  await page.goto("/console");
  const panel = page.getByRole("region", { name: "Load a compliance key" });
  await panel
    .getByLabel("Compliance key")
    .setInputFiles({ name: "no.key", mimeType: "", buffer: Buffer.from("no key") });
  await expect(panel.getByRole("alert")).toHaveText("This is not a compliance key.");
  await loadKey(page);
  await expect(page.getByRole("region", { name: "Loaded compliance keys" })).toBeFocused();
  // Every view shows it as long as it is loaded.
  await view(page, "Cases");
  await expect(page.getByRole("timer")).toBeVisible();
  // Another language draws the page anew, and the key is still there to be dropped.
  const other = await context.newPage();
  await other.goto("/console");
  for (const [language, drop] of [
    ["de", "Jetzt verwerfen"],
    ["en", "Drop it now"],
  ] as const) {
    await other.evaluate(
      (code) => localStorage.setItem("sealcast.prefs", JSON.stringify({ language: code })),
      language,
    );
    await expect(page.getByRole("button", { name: drop })).toBeVisible();
    await expect(page.getByRole("timer")).toBeVisible();
  }
  await page.getByRole("button", { name: "Drop it now" }).click();
  await expect(page.getByRole("timer")).toBeHidden();
  await context.close();
});

test("a key is put together from its shares, and each message is read with its own key", async ({ browser }) => {
  const { context, page, violations } = await officer(browser, AUDITOR);
  await page.goto("/console");
  await page.getByLabel("Compliance key, to read").setInputFiles(vector("compliance.key"));
  const shares = page.getByRole("region", { name: "Shares of the compliance key" });
  await expect(shares).toBeFocused();
  const status = page.getByRole("main").getByRole("status").first();
  await expect(status).toHaveText("No share is loaded yet.");
  await shares.getByLabel("Share files").setInputFiles([vector("compliance.key.share-1"), vector("other.key.share-2")]);
  await expect(shares).toContainText("1 of 3 shares loaded (number 1).");
  await expect(status).toHaveText("1 of 3 shares loaded (number 1).");
  await expect(shares.getByRole("alert")).toContainText("other.key.share-2: This share belongs to another key: 151ecb");
  const words = shares.getByLabel("Or the thirty words of one share");
  const add = shares.getByRole("button", { name: "Add this share" });
  const text = wordsOf(4);
  await words.fill(wordsOf(1));
  await add.click();
  await expect(shares.getByRole("alert")).toHaveText("Share 1 is loaded already: it takes 3 different ones.");
  // What is mistyped stays, to be mended.
  await words.fill(text.replace(/^\w+/, "zoo"));
  await add.click();
  await expect(shares.getByRole("alert")).toContainText("its checksum is wrong");
  await lookAt(page, "shares");
  await words.fill(text);
  await add.click();
  await expect(status).toHaveText("2 of 3 shares loaded (numbers 1, 4).");
  await expect(words).toHaveValue("");
  await expect(shares.getByRole("alert")).toBeHidden();
  // They are shown wherever one goes, as a key is.
  await view(page, "Cases");
  await expect(shares.getByRole("timer")).toHaveText(/^(?:10|9):\d\d$/);
  await view(page, "Messages");
  await shares.getByLabel("Share files").setInputFiles(vector("compliance.key.share-5"));
  await expect(shares).toBeHidden();
  const loaded = page.getByRole("region", { name: "Loaded compliance keys" });
  await expect(loaded.getByRole("timer")).toHaveText(/^(?:10|9):\d\d$/);

  // The newest message is the organisation's, and so for another key.
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const row = page.locator("tr[data-message]").first();
  await row.getByRole("checkbox").check();
  const read = page.getByRole("button", { name: "Read 1 ticked" });
  await read.click();
  await expect(row).toContainText("it is not encrypted to a compliance key that is loaded");
  await page.getByLabel("Another compliance key").setInputFiles(vector("compliance.key"));
  await expect(page.getByRole("alert")).toHaveText("This key is loaded already.");
  await page.getByLabel("Another compliance key").setInputFiles(KEY);
  await expect(loaded.getByRole("timer")).toHaveCount(2);
  await read.click();
  await expect(row).not.toContainText("not encrypted");
  await expect(row).not.toContainText("sealed");
  await lookAt(page, "keys");
  await loaded.getByRole("button", { name: /^Drop it now: key 5d330e/ }).click();
  await expect(loaded.getByRole("timer")).toHaveCount(1);
  await loaded.getByRole("button", { name: "Drop it now" }).click();
  await expect(loaded).toBeHidden();
  expect(violations).toEqual([]);
  await context.close();
});

test("the console speaks German where the client does", async ({ browser }) => {
  test.setTimeout(180_000);
  const { context, page, violations } = await officer(browser, AUDITOR);
  await page.evaluate(() => localStorage.setItem("sealcast.prefs", JSON.stringify({ language: "de" })));
  await page.goto("/console");
  await expect(page.getByRole("heading", { name: "Compliance-Konsole" })).toBeVisible();
  await expect(page).toHaveTitle("Sealcast-Compliance-Konsole");
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await page.getByLabel("Compliance-Schlüssel, um").setInputFiles(vector("compliance.key"));
  const shares = page.getByRole("region", { name: "Anteile des Compliance-Schlüssels" });
  await shares.getByLabel("Dateien mit Anteilen").setInputFiles(vector("other.key.share-1"));
  await expect(shares.getByRole("alert")).toContainText("Dieser Anteil gehört zu einem anderen Schlüssel: 151ecb");
  await shares
    .getByLabel("Dateien mit Anteilen")
    .setInputFiles([1, 2, 3].map((at) => vector(`compliance.key.share-${at}`)));
  await expect(shares).toBeHidden();
  await page.getByRole("button", { name: "Fragen", exact: true }).click();
  const row = page.locator("tr[data-message]").first();
  await row.getByRole("checkbox").check();
  await page.getByRole("button", { name: "1 markierte lesen" }).click();
  await expect(row).toContainText("sie ist für keinen der geladenen Compliance-Schlüssel verschlüsselt");
  await page.getByRole("button", { name: "1 markierte prüfen" }).click();
  await row.getByText("Hier geprüft").click();
  await lookAt(page, "messages-de");
  await page.getByRole("button", { name: "Jetzt verwerfen" }).click();
  for (const [name, shown] of [
    ["Fälle", "Niemand sieht fremde Nachrichten ohne einen Fall."],
    ["Exporte", "Export beginnen"],
    ["Löschsperren und Aufbewahrung", "Löschsperre setzen"],
    ["Meine Zugriffe", "Was das Protokoll unter deinem Namen enthält"],
    ["Zustand des Protokolls", "Widerspruchsfreiheit"],
  ] as const) {
    await page.getByRole("navigation", { name: "Ansichten" }).getByRole("link", { name }).click();
    if (name === "Zustand des Protokolls") await page.getByText("Hier geprüft").filter({ visible: true }).click();
    await expect(page.getByText(shown).filter({ visible: true }).first()).toBeVisible();
    await lookAt(page, `${name.split(" ")[0]?.toLowerCase()}-de`);
  }
  expect(violations).toEqual([]);
  await context.close();
});

test("nobody but an auditor gets in", async ({ browser }) => {
  const { context, page } = await openBrowser(browser);
  await page.goto("/console");
  await expect(page.getByText("Nobody is signed in.")).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  await context.close();
});
