import { expect, test } from "@playwright/test";
import { PASSWORD, type Person, accountMenu, register, signIn } from "./people";
import { codeAt } from "./totp";

test.describe.configure({ mode: "serial" });

/** The server takes the code of the step before and of the one after, and each only once. */
const STEP_MS = 30_000;
let eve: Person & { recoveryKey: string };
let key: string;

const card = () => eve.page.getByRole("region", { name: "Codes at sign-in" });

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  eve = await register(browser, "eve");
});

test.afterAll(async () => eve?.context.close());

test("an app is set up by its first code", async () => {
  await accountMenu(eve.page, eve.name, "Settings");
  await expect(card().getByRole("status")).toContainText("The password alone signs in.");
  await card().getByLabel("Password").fill(PASSWORD);
  await card().getByRole("button", { name: "Set up codes" }).click();
  await expect(card().getByRole("img", { name: "Key for an authenticator app" })).toBeVisible({ timeout: 30_000 });
  key = (await card().locator("code").textContent()) ?? "";
  await card().getByLabel("Code").fill("000000");
  await card().getByRole("button", { name: "Confirm" }).click();
  await expect(card().getByRole("alert")).toContainText("The code is wrong");
  await card()
    .getByLabel("Code")
    .fill(codeAt(key, Date.now() - STEP_MS));
  await card().getByRole("button", { name: "Confirm" }).click();
  await expect(card().getByRole("status")).toContainText("Signing in needs a code.");
});

test("from then on the password alone does not sign in, and a code does once", async () => {
  await accountMenu(eve.page, eve.name, "Sign out");
  await signIn(eve.page, eve.name);
  const code = eve.page.getByLabel("Code");
  await expect(code).toBeFocused({ timeout: 30_000 });
  // The one that set it up.
  await code.fill(codeAt(key, Date.now() - STEP_MS));
  await eve.page.getByRole("button", { name: "Sign in" }).click();
  await expect(eve.page.getByRole("alert")).toContainText("was used", { timeout: 30_000 });
  await code.fill(codeAt(key, Date.now() + STEP_MS));
  await eve.page.getByRole("button", { name: "Sign in" }).click();
  await expect(eve.page.getByRole("link", { name: "Lobby" })).toBeVisible({ timeout: 30_000 });
});

test("who has lost the app does without by the recovery key", async () => {
  await accountMenu(eve.page, eve.name, "Settings");
  await card().getByRole("button", { name: "I lost the app: use the recovery key" }).click();
  await card().getByLabel("Recovery key").fill(eve.recoveryKey);
  await card().getByRole("button", { name: "Do without codes" }).click();
  await expect(card().getByRole("status")).toContainText("The password alone signs in.", { timeout: 30_000 });
});

test("nothing broke the content security policy", () => {
  expect(eve.violations).toEqual([]);
});
