import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { verifyBundle } from "../src/verifier/bundle";

/** An export that the Rust side wrote (crates/bundle, `SEALCAST_WRITE_VECTORS`), and the key of its log. */
const FOLDER = new URL("vectors/export/", import.meta.url);
const archive = new Uint8Array(readFileSync(new URL("export.tar", FOLDER)));
const logKey = readFileSync(new URL("log-key.txt", FOLDER), "utf8").trim();
const verify = (octets: Uint8Array<ArrayBuffer>, anchors = { logKey, exporter: "" }) =>
  verifyBundle(octets, anchors, () => undefined);

/** Every so many octets one is flipped; a prime, so that all columns of a line are hit. */
const STRIDE = 397;

describe("the offline verifier", () => {
  it("verifies what the command line wrote, texts and all", async () => {
    const report = await verify(archive);
    expect(report.faults).toEqual([]);
    const names = report.steps.map(({ name }) => name);
    expect(names).toEqual([
      "Parts",
      "Manifest",
      "Checkpoint",
      "Messages",
      "Log",
      "Gossip",
      "Membership",
      "Texts",
      "Mails",
    ]);
    expect(report.texts.length).toBeGreaterThan(2);
    expect(report.texts.every(({ opened }) => opened !== undefined && opened.text.length > 0)).toBe(true);
  });

  it("finds whatever octet is changed", async () => {
    for (let at = 0; at < archive.length; at += STRIDE) {
      const changed = archive.slice();
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      const { faults } = await verify(changed);
      expect(faults.length, `octet ${at}`).toBeGreaterThan(0);
    }
  });

  it("does not take another log's or another officer's export", async () => {
    const other = logKey.replace(/.{8}$/, "AAAAAAA=");
    expect((await verify(archive, { logKey: other, exporter: "" })).faults).not.toEqual([]);
    expect((await verify(archive, { logKey, exporter: "ab".repeat(32) })).faults).not.toEqual([]);
    const unpinned = await verify(archive, { logKey: "", exporter: "" });
    expect(unpinned.faults).toEqual([]);
    expect(unpinned.notes.join()).toContain("compare");
  });
});
