import { expect, test } from "@playwright/test";
import { PASSWORD, type Person, accountMenu, act, message, openBrowser, register, signIn, write } from "./people";

test.describe.configure({ mode: "serial" });

let alice: Person & { recoveryKey: string };
let bob: Person;
const foreign: string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  alice = await register(browser, "alice");
  bob = await register(browser, "bob");
  for (const { page } of [alice, bob]) {
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== new URL(page.url()).origin) foreign.push(request.url());
    });
  }
});

test.afterAll(async () => {
  await alice?.context.close();
  await bob?.context.close();
});

test("one writes, the other reads it at once", async () => {
  const text = `Good morning ${Date.now()} 👋`;
  await write(alice.page, text);
  await expect(message(bob.page, text)).toBeVisible({ timeout: 5_000 });
  await expect(message(bob.page, text)).toContainText(alice.name);
  const reply = `Morning! ${Date.now()}`;
  await write(bob.page, reply);
  await expect(message(alice.page, reply)).toBeVisible({ timeout: 5_000 });
});

test("text is shown as text", async () => {
  const text = `<img src=x onerror="alert(1)"> <b>${Date.now()}</b>`;
  await write(alice.page, text);
  await expect(message(bob.page, text)).toBeVisible();
  await expect(bob.page.locator("article img")).toHaveCount(0);
});

test("the writer sees that it is accepted, then that the audit log holds it", async () => {
  const text = `For the record ${Date.now()}`;
  await write(alice.page, text);
  const row = message(alice.page, text);
  await expect(row.getByLabel(/Accepted by the server|In the audit log/)).toBeVisible();
  await expect(row.getByLabel("In the audit log, proof verified")).toBeVisible({ timeout: 45_000 });
});

test("the proof behind the second tick can be looked at, of others' messages too", async () => {
  await alice.page.getByLabel("In the audit log, proof verified").last().click();
  const own = alice.page.getByRole("dialog", { name: "The proof of this message" });
  await expect(own).toContainText(/Entry [\d,]+, counted from 0/);
  await expect(own).toContainText(/It covers [\d,]+ entries/);
  await alice.page.keyboard.press("Escape");
  await expect(own).toHaveCount(0);
  await act(bob.page, "For the record", "More", "Proof");
  await expect(bob.page.getByRole("dialog")).toContainText(/\d+ hash(es)? leads? from the message to the root/);
  await bob.page.keyboard.press("Escape");
});

test("a device that requires a witness believes no checkpoint without it", async () => {
  const { page } = alice;
  const vkeys = await page.evaluate(async () => {
    const answer = await fetch("/api/v1/audit/checkpoint?witnessed=true");
    const { cosignatures } = (await answer.json()) as { cosignatures: { vkey: string }[] };
    return cosignatures.map(({ vkey }) => vkey);
  });
  const vkey = vkeys[0] ?? "";
  await accountMenu(page, alice.name, "Settings");
  const trust = page.getByRole("region", { name: "Keys and the audit log" });
  const field = trust.getByLabel("Require a witness: its key");
  await field.fill(vkey.slice(0, -4));
  await trust.getByRole("button", { name: "Require", exact: true }).click();
  await expect(trust.getByRole("alert")).toContainText("not a witness’s key");
  await field.fill(vkey);
  await trust.getByRole("button", { name: "Require", exact: true }).click();
  await expect(trust).toContainText("One witness says the same", { timeout: 20_000 });
  await page.screenshot({ path: "out/witness.png" });
  await page.getByRole("link", { name: /^Lobby/ }).click();
  const text = `Before a witness ${Date.now()}`;
  await write(page, text);
  await expect(message(page, text).getByLabel("In the audit log, proof verified")).toBeVisible({ timeout: 45_000 });
  await act(page, text, "More", "Proof");
  const proof = page.getByRole("dialog", { name: "The proof of this message" });
  await expect(proof).toContainText(`It is cosigned by ${vkey.split("+")[0]}`);
  await page.keyboard.press("Escape");
  await expect(proof).toHaveCount(0);

  // A witness that nobody runs: the tick stays single, and settings say why.
  await accountMenu(page, alice.name, "Settings");
  await trust.getByRole("button", { name: /^No longer require/ }).click();
  await expect(trust.getByRole("button", { name: /^No longer require/ })).toHaveCount(0);
  await field.fill("nobody.example+dbc62902+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  await trust.getByRole("button", { name: "Require", exact: true }).click();
  await expect(trust).toContainText("nobody.example have not vouched for it", { timeout: 20_000 });
  await page.getByRole("link", { name: /^Lobby/ }).click();
  const unproven = `Without a witness ${Date.now()}`;
  await write(page, unproven);
  await expect(message(page, unproven).getByLabel("Accepted by the server")).toBeVisible();
  await page.waitForTimeout(4_000);
  await expect(message(page, unproven).getByLabel("Accepted by the server")).toBeVisible();
  await accountMenu(page, alice.name, "Settings");
  await trust.getByRole("button", { name: /^No longer require/ }).click();
  await expect(trust).toContainText("Consistent over");
  await page.getByRole("link", { name: /^Lobby/ }).click();
});

test("the other sees who is writing and who is online", async () => {
  await alice.page.getByRole("textbox", { name: /^Message to/ }).pressSequentially("hm", { delay: 50 });
  await expect(bob.page.getByText(`${alice.name} is writing…`)).toBeVisible({ timeout: 8_000 });
  await alice.page.getByRole("textbox", { name: /^Message to/ }).fill("");
  await bob.page.getByRole("button", { name: /^Members/ }).click();
  const row = bob.page
    .getByRole("complementary", { name: "Members" })
    .getByRole("listitem")
    .filter({ hasText: alice.name });
  await expect(row).toContainText("Online");
  await bob.page.getByRole("button", { name: "Close members" }).click();
});

test("a reload stays open; a lock asks for the password, over a reload too, and then shows the history", async () => {
  const text = `Still here after a reload ${Date.now()}`;
  await write(alice.page, text);
  await expect(message(bob.page, text)).toBeVisible();
  await bob.page.reload();
  await expect(message(bob.page, text)).toBeVisible({ timeout: 30_000 });
  await accountMenu(bob.page, bob.name, "Lock now");
  await expect(bob.page.getByRole("heading", { name: "Unlock your messages" })).toBeVisible();
  await bob.page.reload();
  await expect(bob.page.getByRole("heading", { name: "Unlock your messages" })).toBeVisible();
  await expect(bob.page.getByText(text)).toHaveCount(0);
  await bob.page.getByLabel("Password").fill("not the password at all");
  await bob.page.getByRole("button", { name: "Unlock" }).click();
  await expect(bob.page.getByRole("alert")).toContainText("wrong");
  await bob.page.getByLabel("Password").fill(PASSWORD);
  await bob.page.getByRole("button", { name: "Unlock" }).click();
  await expect(message(bob.page, text)).toBeVisible({ timeout: 30_000 });
});

test("who does not want to be seen is not", async () => {
  const shown = alice.page.getByRole("checkbox", { name: /^Others see when I am online/ });
  const row = bob.page
    .getByRole("complementary", { name: "Members" })
    .getByRole("listitem")
    .filter({ hasText: alice.name });
  await bob.page.getByRole("button", { name: /^Members/ }).click();
  await accountMenu(alice.page, alice.name, "Settings");
  await shown.click();
  await expect(shown).not.toBeChecked();
  await expect(row).not.toContainText("Online");
  await shown.click();
  await expect(row).toContainText("Online", { timeout: 45_000 });
  await alice.page.getByRole("link", { name: /^Lobby/ }).click();
  await bob.page.getByRole("button", { name: "Close members" }).click();
});

test("an open room lets in whoever asks, and its maker is warned", async () => {
  const name = `Open ${Date.now()}`;
  await alice.page.getByRole("button", { name: "Create a room" }).click();
  await alice.page.getByRole("textbox", { name: "Name" }).fill(name);
  await alice.page.getByRole("radio", { name: /^Everybody in the organisation/ }).check();
  await alice.page.getByRole("radio", { name: /^Anybody who asks/ }).check();
  await expect(alice.page.getByRole("dialog").getByRole("alert")).toContainText("not the operator");
  await alice.page.getByRole("dialog").getByRole("button", { name: "Create room" }).click();
  const text = `The door is open ${Date.now()}`;
  await write(alice.page, text);
  // Rooms that one could join are read with the page.
  await bob.page.reload();
  await bob.page.getByRole("link", { name }).click({ timeout: 30_000 });
  await bob.page.getByRole("button", { name: "Ask to join" }).click();
  await expect(message(bob.page, text)).toBeVisible({ timeout: 30_000 });
  await alice.page.getByRole("link", { name: /^Lobby/ }).click();
  await bob.page.getByRole("link", { name: /^Lobby/ }).click();
});

test("a second tab needs no password while the first is open", async () => {
  const tab = await alice.context.newPage();
  await tab.goto("/");
  await expect(tab.getByRole("log", { name: "Messages" })).toBeVisible();
  await expect(tab.getByRole("article").first()).toBeVisible();
  await tab.close();
});

test("the recovery key opens the account on another device, which the first can end", async ({ browser }) => {
  const other = await openBrowser(browser);
  await other.page.goto("/");
  await other.page.getByRole("button", { name: "Use the recovery key" }).click();
  await other.page.getByLabel("User name").fill(alice.name);
  await other.page.getByLabel("Recovery key").fill(alice.recoveryKey);
  await other.page.getByRole("button", { name: "Sign in" }).click();
  await expect(other.page.getByRole("log", { name: "Messages" })).toBeVisible({ timeout: 30_000 });

  await alice.page.getByRole("button", { name: new RegExp(alice.name) }).click();
  await alice.page.getByRole("menuitem", { name: "Sessions" }).click();
  const dialog = alice.page.getByRole("dialog", { name: "Sessions" });
  await dialog.getByRole("button", { name: "End all other sessions" }).click();
  await expect(other.page.getByRole("heading", { name: "Sign in" })).toBeVisible({ timeout: 5_000 });
  await dialog.getByRole("button", { name: "Close" }).click();
  await other.context.close();
});

test("a room made by one reaches the other by its link only", async () => {
  const name = `Release ${Date.now()}`;
  await alice.page.getByRole("button", { name: "Create a room" }).click();
  await alice.page.getByRole("textbox", { name: "Name" }).fill(name);
  await alice.page.getByRole("dialog").getByRole("button", { name: "Create room" }).click();
  await expect(alice.page.getByRole("heading", { name })).toBeVisible();
  const text = `Only for us ${Date.now()}`;
  await write(alice.page, text);
  await expect(message(alice.page, text)).toBeVisible();

  await alice.page.getByRole("button", { name: /^Members/ }).click();
  await alice.page.getByRole("button", { name: "Invite by link" }).click();
  await alice.page.getByRole("button", { name: "Make the link" }).click();
  const link = await alice.page.getByLabel("Invite link").inputValue();
  await expect(bob.page.getByRole("link", { name })).toHaveCount(0);
  const tab = await bob.context.newPage();
  await tab.goto(link);
  await tab.getByRole("button", { name: "Join" }).click();
  await expect(message(tab, text)).toBeVisible({ timeout: 30_000 });
  await tab.close();
  await alice.page.getByRole("button", { name: "Close", exact: true }).click();
  await alice.page.getByRole("button", { name: "Close members" }).click();
});

test("who asks to join is let in by a person, and reads from then on", async () => {
  const name = `Ideas ${Date.now()}`;
  await alice.page.getByRole("button", { name: "Create a room" }).click();
  await alice.page.getByRole("textbox", { name: "Name" }).fill(name);
  await alice.page.getByRole("radio", { name: /^Everybody in the organisation/ }).check();
  await alice.page.getByRole("radio", { name: /^A member lets them in/ }).check();
  await alice.page.getByRole("dialog").getByRole("button", { name: "Create room" }).click();
  const text = `Written before bob came ${Date.now()}`;
  await write(alice.page, text);
  await expect(message(alice.page, text)).toBeVisible();

  await bob.page.reload();
  await bob.page.getByRole("link", { name }).click({ timeout: 30_000 });
  await bob.page.getByRole("button", { name: "Ask to join" }).click();
  const request = alice.page.getByRole("listitem").filter({ hasText: bob.name });
  await request.getByRole("button", { name: "Let in", exact: true }).click();
  await expect(message(bob.page, text)).toBeVisible();
  await expect(request).toHaveCount(0);
});

test("a wrong password is refused in words", async ({ browser }) => {
  const { context, page } = await openBrowser(browser);
  await page.goto("/");
  await signIn(page, alice.name, "certainly not this one");
  await expect(page.getByRole("alert")).toContainText("wrong", { timeout: 30_000 });
  await context.close();
});

test("the lobby, for the eye", async () => {
  await alice.page.getByRole("navigation", { name: "Rooms" }).getByRole("link").first().click();
  await expect(alice.page.getByRole("article").first()).toBeVisible({ timeout: 30_000 });
  await alice.page.screenshot({ path: "out/lobby.png" });
  await alice.page.getByRole("button", { name: /^Members/ }).click();
  await alice.page.screenshot({ path: "out/lobby-members.png" });
  await alice.page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await alice.page.screenshot({ path: "out/lobby-dark.png" });
  await alice.page.getByRole("button", { name: "Close members" }).click();
  await alice.page.setViewportSize({ width: 390, height: 844 });
  await alice.page.screenshot({ path: "out/lobby-390.png" });
});

test("nothing broke the content security policy or left the origin", async () => {
  expect([...alice.violations, ...bob.violations]).toEqual([]);
  expect(foreign).toEqual([]);
});

test("signing out leaves nothing readable", async () => {
  await bob.page.getByRole("button", { name: new RegExp(bob.name) }).click();
  await bob.page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(bob.page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(bob.page.getByRole("article")).toHaveCount(0);
});
