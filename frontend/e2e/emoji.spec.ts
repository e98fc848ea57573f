import { type Page, expect, test } from "@playwright/test";
import { look } from "./look";
import { type Person, accountMenu, act, createRoom, message, register, write } from "./people";

/** Looks at the open picker. */
const lookAt = (page: Page, name: string) =>
  look(page, `emoji-${name}`, {
    fits: async (width) => {
      const box = await page.getByRole("grid", { name: "Emoji" }).boundingBox();
      return box !== null && box.x >= 0 && box.x + box.width <= width;
    },
  });

test.describe.configure({ mode: "serial" });

let ann: Person;
const asked: URL[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  ann = await register(browser, "ann");
  ann.context.on("request", (request) => asked.push(new URL(request.url())));
  await createRoom(ann.page, `Emoji ${Date.now()}`);
});

test.afterAll(async () => {
  await ann?.context.close();
});

const composer = (page: Page) => page.getByRole("textbox", { name: /^(?:Message to|Nachricht an)/ });
const button = (page: Page) => page.getByRole("button", { name: "Emoji", exact: true });
const cells = (page: Page) => page.getByRole("gridcell");

test("an emoji is found by a name and stands where one writes", async () => {
  const { page } = ann;
  await composer(page).fill("ab");
  await composer(page).press("ArrowLeft");
  await button(page).click();
  const search = page.getByRole("searchbox", { name: "Search emoji" });
  await expect(search).toBeFocused();
  await expect(cells(page).first()).toHaveAccessibleName("grinning face");
  await search.pressSequentially("tada");
  await expect(cells(page).first()).toHaveAccessibleName("party popper");
  await page.keyboard.press("Enter");
  await expect(composer(page)).toHaveValue("a🎉b");
  await expect(composer(page)).toBeFocused();
  await page.keyboard.type("!");
  await expect(composer(page)).toHaveValue("a🎉!b");
  await page.keyboard.press("Enter");
  await expect(message(page, "a🎉!b")).toBeVisible();
});

test("arrow keys choose, what was used stands first, Escape goes back", async () => {
  const { page } = ann;
  await button(page).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Recently used")).toBeVisible();
  await expect(cells(page).first()).toHaveAccessibleName("party popper");
  await lookAt(page, "composer");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  const chosen = page.locator("[role=gridcell][aria-selected=true]");
  await expect(chosen).toHaveAccessibleName("grinning face with big eyes");
  await page.keyboard.press("Enter");
  await expect(composer(page)).toHaveValue("😃");
  await button(page).click();
  await expect(cells(page).first()).toHaveAccessibleName("grinning face with big eyes");
  await page.getByRole("searchbox", { name: "Search emoji" }).fill("no such thing");
  await expect(page.getByText("No emoji has such a name.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("grid")).toBeHidden();
  await expect(composer(page)).toBeFocused();
  await button(page).click();
  await expect(page.getByRole("grid")).toBeVisible();
  await button(page).click();
  await expect(page.getByRole("grid")).toBeHidden();
  await composer(page).fill("");
});

test("any emoji can be a reaction", async () => {
  const { page } = ann;
  await write(page, "we are live");
  await expect(message(page, "we are live")).toBeVisible();
  await act(page, "we are live", "React", "Other emoji");
  const dialog = page.getByRole("dialog", { name: "React" });
  await expect(dialog.getByRole("searchbox", { name: "Search emoji" })).toBeFocused();
  await expect(cells(page).first()).toHaveAccessibleName("grinning face with big eyes");
  await lookAt(page, "reaction");
  await page.keyboard.type("rocket");
  await expect(cells(page).first()).toHaveAccessibleName("rocket");
  await cells(page).first().click();
  await expect(dialog).toBeHidden();
  const row = message(page, "we are live");
  await expect(row.getByRole("list", { name: "Reactions" }).getByRole("button")).toHaveText(/🚀 1/);
});

test("names are German where the reader is, and English ones are found, too", async () => {
  const { page } = ann;
  await accountMenu(page, ann.name, "Settings");
  await page.getByRole("combobox", { name: "Language" }).selectOption("Deutsch");
  await page.goBack();
  await button(page).click();
  const search = page.getByRole("searchbox", { name: "Emoji suchen" });
  await search.fill("konfetti");
  await expect(cells(page).first()).toHaveAccessibleName("Konfettibombe");
  await search.fill("thumbs up");
  await expect(cells(page).first()).toHaveAccessibleName("Daumen hoch");
  await page.screenshot({ path: "out/emoji-german.png" });
  await page.keyboard.press("Enter");
  await expect(composer(page)).toHaveValue("👍");
});

test("nothing was asked of another origin, and no rule was broken", async () => {
  const origin = new URL(ann.page.url()).origin;
  expect(asked.length).toBeGreaterThan(5);
  expect([...new Set(asked.map((url) => url.origin))].filter((one) => one !== origin && one !== "null")).toEqual([]);
  expect(ann.violations).toEqual([]);
});
