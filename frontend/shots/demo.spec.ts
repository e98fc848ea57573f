import { mkdirSync, rmSync } from "node:fs";
import { type Page, expect, test } from "@playwright/test";
import { enter, open, signIn } from "./demo";

/** Frames of two people in one room; `build/demo-gif.mjs` makes the moving picture of the README from them. */
const FRAMES = "out/frames";
const SIZE = { width: 600, height: 640 };

test("two people talk", async ({ browser }) => {
  rmSync(FRAMES, { recursive: true, force: true });
  mkdirSync(FRAMES, { recursive: true });
  const left = await open(browser, SIZE);
  const right = await open(browser, { ...SIZE, colorScheme: "dark" });
  await signIn(left, "ada");
  await signIn(right, "chen");
  for (const page of [left, right]) await enter(page, "engineering");

  let count = 0;
  const frames = async (many: number) => {
    for (let at = 0; at < many; at++) {
      const name = String(++count).padStart(4, "0");
      await left.screenshot({ path: `${FRAMES}/left-${name}.png` });
      await right.screenshot({ path: `${FRAMES}/right-${name}.png` });
    }
  };
  const type = async (page: Page, text: string) => {
    const composer = page.getByRole("textbox", { name: /^Message to/ });
    for (let at = 0; at < text.length; at += 3) {
      await composer.pressSequentially(text.slice(at, at + 3));
      await frames(1);
    }
  };

  await frames(6);
  await type(left, "The export is **signed** now. Who checks it?");
  await left.keyboard.press("Enter");
  const row = (page: Page, text: string) => page.getByRole("article").filter({ hasText: text }).last();
  await expect(row(right, "Who checks it?")).toBeVisible();
  await frames(4);
  await expect(row(left, "Who checks it?").locator("[data-delivery=logged]")).toBeVisible({ timeout: 30_000 });
  await frames(8);
  await row(right, "Who checks it?").hover();
  await frames(3);
  await row(right, "Who checks it?").getByRole("button", { name: "React" }).click();
  await frames(3);
  await right.getByRole("menuitem", { name: "Looking" }).click();
  await right.mouse.move(5, 5);
  await expect(row(left, "Who checks it?").getByRole("button", { name: /👀/ })).toBeVisible();
  await frames(5);
  await type(right, "I do. Proof holds, root matches.");
  await right.keyboard.press("Enter");
  await expect(row(left, "root matches")).toBeVisible();
  await frames(5);
  await expect(row(right, "root matches").locator("[data-delivery=logged]")).toBeVisible({ timeout: 30_000 });
  await frames(14);
});
