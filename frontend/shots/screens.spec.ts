import { type Page, test } from "@playwright/test";
import { enter, open, signIn, visit } from "./demo";

const shot = (page: Page, name: string) => page.screenshot({ path: `../docs/images/${name}.png` });

test("signing in and registering", async ({ browser }) => {
  const page = await open(browser, { height: 760 });
  await visit(page, "/");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await shot(page, "sign-in");
  await page.goto(process.env["E2E_INVITE"] ?? "/register");
  await page.getByLabel("User name").fill("rosa");
  await page.getByLabel("Password", { exact: true }).fill("violet tractor under 94 lamps");
  await page.getByLabel("Repeat password").fill("violet tractor under 94 lamps");
  await page.getByRole("button", { name: "Continue" }).click();
  await page
    .getByLabel("Your recovery key")
    .getByText(/[0-9A-Z]{4}/)
    .first()
    .waitFor();
  await shot(page, "recovery-key");
  await page.context().close();
});

test("rooms in light and dark, wide and narrow", async ({ browser }) => {
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await open(browser, { colorScheme });
    await signIn(page, "ada");
    await enter(page, "engineering");
    await shot(page, `room-${colorScheme}`);
    await page.context().close();
  }
  const phone = await open(browser, { width: 390, height: 844 });
  await signIn(phone, "ada");
  await phone.waitForTimeout(1_500);
  await shot(phone, "phone-rooms");
  await enter(phone, "engineering");
  await shot(phone, "phone-room");
  await phone.context().close();
});

test("members, keys and what stands behind a room", async ({ browser }) => {
  const page = await open(browser, {});
  await signIn(page, "ada");
  await enter(page, "engineering");
  await page.getByRole("button", { name: /^Members/ }).click();
  await page.getByRole("complementary").getByRole("listitem").nth(1).waitFor();
  await page.waitForTimeout(500);
  await shot(page, "members");
  await page
    .getByRole("complementary")
    .getByRole("button", { name: /^dara|^chen|^jonas/ })
    .first()
    .click();
  await page.getByRole("button", { name: "Show as QR code" }).click();
  await page.locator("svg[aria-busy=false]").waitFor();
  await shot(page, "compare-keys");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "About this room" }).click();
  await page.getByText("You hold it").waitFor();
  await shot(page, "about-room");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("searchbox").fill("room");
  await page.waitForTimeout(800);
  await shot(page, "palette");
  await page.keyboard.press("Escape");
  await page.goto("/settings");
  await page.getByRole("heading", { name: "Recovery key" }).waitFor();
  await page.waitForTimeout(800);
  await shot(page, "settings");
  await page.context().close();
});

test("German, and mirrored for right-to-left scripts", async ({ browser }) => {
  const german = await open(browser, { locale: "de-DE" });
  await signIn(german, "ada");
  await enter(german, "engineering");
  await shot(german, "room-german");
  await german.evaluate(() => (document.documentElement.dir = "rtl"));
  await german.waitForTimeout(300);
  await shot(german, "room-mirrored");
  await german.context().close();
});
