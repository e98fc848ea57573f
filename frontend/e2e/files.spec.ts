import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { type Person, act, createRoom, inviteLink, join, message, register, write } from "./people";

test.describe.configure({ mode: "serial" });

let ann: Person;
let ben: Person;

/** A picture of 3 by 2 pixels, red. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGO4o6EBQQxwFgBKnAcJpT391QAAAABJRU5ErkJggg==",
  "base64",
);
const report = Buffer.from("Quarterly figures, for our eyes only. ".repeat(20_000));

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  ann = await register(browser, "ann");
  ben = await register(browser, "ben");
  await createRoom(ann.page, `Papers ${Date.now()}`);
  await join(ben, await inviteLink(ann.page));
});

test.afterAll(async () => {
  await ann?.context.close();
  await ben?.context.close();
});

const pick = async ({ page }: Person, ...files: { name: string; mimeType: string; buffer: Buffer }[]) => {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Add files" }).click();
  await (await chooser).setFiles(files);
};
const tray = ({ page }: Person) => page.getByRole("list", { name: "Files to send" });

test("a picture goes as ciphertext and is shown to the other one", async () => {
  await pick(ann, { name: "site plan.png", mimeType: "image/png", buffer: PNG });
  await expect(tray(ann).getByRole("listitem")).toHaveAttribute("data-state", "ready");
  await expect(tray(ann).locator("img")).toBeVisible();
  await write(ann.page, "the plan");
  await expect(tray(ann)).toHaveCount(0);
  for (const { page } of [ann, ben]) {
    const picture = message(page, "the plan").getByAltText("site plan.png");
    await expect(picture).toBeVisible();
    await expect(picture).toHaveAttribute("src", /^blob:/);
    const size = () => picture.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]);
    await expect.poll(size).toEqual([3, 2]);
  }
});

test("a picture opens large and is saved as it was", async () => {
  await message(ben.page, "the plan").getByRole("button", { name: "Show site plan.png" }).click();
  const dialog = ben.page.getByRole("dialog", { name: "site plan.png" });
  const download = ben.page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save" }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe("site plan.png");
  expect(readFileSync(await saved.path()).equals(PNG)).toBe(true);
  await ben.page.keyboard.press("Escape");
});

test("a file of several chunks, without a text, comes back octet for octet", async () => {
  await pick(ann, { name: "figures.txt", mimeType: "text/plain", buffer: report });
  await expect(tray(ann).getByRole("listitem")).toHaveAttribute("data-state", "ready");
  await ann.page.getByRole("button", { name: "Send", exact: true }).click();
  const row = message(ben.page, "figures.txt");
  await expect(row).toContainText("760 KB");
  const download = ben.page.waitForEvent("download");
  await row.getByRole("button", { name: "Save figures.txt" }).click();
  expect(readFileSync(await (await download).path()).equals(report)).toBe(true);
});

test("what is dropped on the page or pasted goes the same way", async () => {
  const composer = ann.page.getByRole("textbox", { name: /^Message to/ });
  const give = (type: "drop" | "paste", name: string) =>
    composer.evaluate(
      (element, given) => {
        const data = new DataTransfer();
        data.items.add(new File(["some text"], given.name, { type: "text/plain" }));
        const init = { bubbles: true, cancelable: true };
        const event =
          given.type === "drop"
            ? new DragEvent("drop", { ...init, dataTransfer: data })
            : new ClipboardEvent("paste", { ...init, clipboardData: data });
        element.dispatchEvent(event);
      },
      { type, name },
    );
  await give("drop", "dropped.txt");
  await give("paste", "pasted.txt");
  await expect(tray(ann).getByRole("listitem")).toHaveCount(2);
  await expect(tray(ann).locator("[data-state=ready]")).toHaveCount(2);
  await tray(ann).getByRole("button", { name: "Take dropped.txt away" }).click();
  await write(ann.page, "one of two");
  const row = message(ben.page, "one of two");
  await expect(row).toContainText("pasted.txt");
  await expect(row).not.toContainText("dropped.txt");
});

test("a file that is too large is refused before it goes anywhere", async () => {
  await pick(ann, { name: "film.mov", mimeType: "video/quicktime", buffer: Buffer.alloc(26_214_401) });
  await expect(ann.page.getByRole("alert")).toContainText("A file can have 25 MB.");
  await expect(tray(ann)).toHaveCount(0);
});

test("a page in a file stays a file", async () => {
  const page = Buffer.from("<script>parent.document.title = 'taken'</script><h1>hello</h1>");
  await pick(ann, { name: "page.html", mimeType: "text/html", buffer: page });
  await pick(ann, { name: "drawing.svg", mimeType: "image/svg+xml", buffer: Buffer.from("<svg/>") });
  await expect(tray(ann).locator("[data-state=ready]")).toHaveCount(2);
  await write(ann.page, "markup");
  const row = message(ben.page, "markup");
  await expect(row.getByRole("button", { name: "Save page.html" })).toBeVisible();
  await expect(row.getByRole("button", { name: "Save drawing.svg" })).toBeVisible();
  await expect(row.getByRole("img", { name: /page|drawing/ })).toHaveCount(0);
});

test("a deletion takes the file out of sight", async () => {
  await act(ann.page, "one of two", "More", "Delete");
  await expect(message(ben.page, "pasted.txt")).toHaveCount(0);
});

test("nothing broke the content security policy", async () => {
  expect([...ann.violations, ...ben.violations]).toEqual([]);
});
