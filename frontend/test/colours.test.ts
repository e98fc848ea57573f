import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("../src/styles.css", import.meta.url), "utf8");
/** Each colour in light and in dark. */
const colours = new Map(
  [...css.matchAll(/--c-([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name = "", light = "", dark = ""]) => [
    name,
    { light, dark },
  ]),
);
const of = (name: string, scheme: "light" | "dark") => colours.get(name)?.[scheme] ?? `no ${name}`;

/** WCAG 2.2: relative luminance, and the contrast of two colours. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(["light", "dark"] as const)("the %s colours", (scheme) => {
  it.each([
    ["edge", 3],
    ["accent", 3],
    ["ink", 4.5],
    ["muted", 4.5],
  ])("show %s on whatever lies behind it, at least %s to 1", (name, least) => {
    for (const behind of ["canvas", "surface", "sunken"])
      expect(contrast(of(name, scheme), of(behind, scheme)), behind).toBeGreaterThanOrEqual(least);
  });

  it.each([
    ["on-accent", "accent"],
    ["danger", "danger-soft"],
    ["warn", "warn-soft"],
    ["ink", "accent-soft"],
    ["danger", "surface"],
  ])("show %s on %s as text", (name, behind) => {
    expect(contrast(of(name, scheme), of(behind, scheme))).toBeGreaterThanOrEqual(4.5);
  });
});
