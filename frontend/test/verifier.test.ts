import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bodyLength, frames } from "../src/core/crypto/framing";
import { concat, fromBase64, fromUtf8 } from "../src/core/crypto/octets";
import { verifyBundle } from "../src/verifier/bundle";
import type { StoredLine, ViewLine } from "../src/verifier/message";
import { openEnvelope } from "../src/verifier/openpgp";
import { readArchive } from "../src/verifier/ustar";

/** An export that the Rust side wrote (crates/bundle, `SEALCAST_WRITE_VECTORS`), and the key of its log. */
const FOLDER = new URL("vectors/export/", import.meta.url);
const archive = new Uint8Array(readFileSync(new URL("export.tar", FOLDER)));
const logKey = readFileSync(new URL("log-key.txt", FOLDER), "utf8").trim();
const verify = (octets: Uint8Array<ArrayBuffer>, anchors = { logKey, exporter: "" }) =>
  verifyBundle(octets, anchors, () => undefined);

/** Every so many octets one is flipped; a prime, so that all columns of a line are hit. */
const STRIDE = 397;

/** The length of a packet's body, or of its last part, in five octets. */
const lengthOf = (length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.of(0xff, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff);

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

  it("opens an envelope whose data comes in parts, as a browser writes it", async () => {
    const lines = (name: string) =>
      fromUtf8(readArchive(archive).find((part) => part.name === name)?.octets ?? new Uint8Array(0))
        .trim()
        .split("\n");
    const stored = lines("messages.ndjson").map((line) => JSON.parse(line) as StoredLine);
    const views = lines("view.ndjson").map((line) => JSON.parse(line) as ViewLine);
    const opened = views.flatMap(({ id, opened }) => (opened ? [{ id, session_key: opened.session_key }] : []));
    let parted = 0;
    for (const { id, session_key } of opened) {
      const whole = fromBase64(stored.find((message) => message.id === id)?.env ?? "");
      const data = frames(whole)?.at(-1);
      if (!data) continue;
      const length = bodyLength(whole, data.start + 1);
      const body = whole.slice(length?.next, data.end);
      // 32 octets, and the rest with its own length.
      const rest = body.slice(32);
      const parts = concat(Uint8Array.of(0xe5), body.slice(0, 32), lengthOf(rest.length), rest);
      const inParts = concat(whole.slice(0, data.start + 1), parts);
      expect(frames(inParts)?.at(-1)?.partial).toBe(true);
      expect(await openEnvelope(inParts, fromBase64(session_key))).toEqual(
        await openEnvelope(whole, fromBase64(session_key)),
      );
      parted += 1;
    }
    expect(parted).toBeGreaterThan(0);
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
