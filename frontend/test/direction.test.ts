import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../src");
/** Utilities that name a side of the screen. What is centred (`left-1/2`) lies the same way in every script. */
const SIDED =
  /(?<=["`\s:])-?(?:(?:m|p|scroll-m|scroll-p)[lr]-[\w[]|border-[lr](?=["`\s]|-)|rounded-(?:[lr]|[tb][lr])(?=["`\s]|-)|text-(?:left|right)|(?:left|right)-(?!1\/2)[\w[])[^"`\s]*/g;
/** Of a circle that turns. */
const ROUND = "border-r-transparent";

test("sides are named by reading direction, so that right-to-left scripts come out mirrored", () => {
  const found = ["features", "routes", "ui"].flatMap((folder) =>
    readdirSync(join(SRC, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".tsx"))
      .flatMap((name) => {
        const sided = readFileSync(join(SRC, folder, name), "utf8").match(SIDED) ?? [];
        return sided.filter((utility) => utility !== ROUND).map((utility) => `${folder}/${name}: ${utility}`);
      }),
  );
  expect(found).toEqual([]);
  expect('className="ml-2 border-l rounded-lg left-0"'.match(SIDED)).toEqual(["ml-2", "border-l", "left-0"]);
});
