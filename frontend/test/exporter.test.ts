import "fake-indexeddb/auto";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import type { LeafRange, LogLeaf } from "../src/api/types";
import { sign } from "../src/core/export-seal";
import { generateUserKey, octetsOf } from "../src/core/crypto/keys";
import { fromHex, fromUtf8, toBase64 } from "../src/core/crypto/octets";
import { type Draft, draft, drafts, drop, isComplete, keep, partOf } from "../src/exporter/drafts";
import { type CertifiedAccount, type Making, check, finish } from "../src/exporter/finish";
import { type Lines, line, linesOf } from "../src/exporter/lines";
import type { EventLine, Manifest } from "../src/verifier/bundle";
import type { StoredLine, ViewLine } from "../src/verifier/message";
import { readPrimaryKey } from "../src/verifier/openpgp";
import { readArchive } from "../src/verifier/ustar";

// No other tab holds anything.
vi.stubGlobal("navigator", {
  locks: { request: async (_: string, __: object, work: (lock: object) => unknown) => work({}) },
});

/** An export that the command line wrote: the browser must make the same of the same leaves. */
const FOLDER = new URL("vectors/export/", import.meta.url);
const logKey = readFileSync(new URL("log-key.txt", FOLDER), "utf8").trim();
const parts = new Map(
  readArchive(new Uint8Array(readFileSync(new URL("export.tar", FOLDER)))).map(({ name, octets }) => [name, octets]),
);
const text = (name: string): string => fromUtf8(parts.get(name) ?? new Uint8Array(0));
const read = <T>(name: string): T[] =>
  text(name)
    .split("\n")
    .slice(0, -1)
    .map((one) => JSON.parse(one) as T);

const manifest = JSON.parse(text("manifest.json")) as Manifest;
const { frontier, consistency } = JSON.parse(text("range.json")) as { frontier: string[]; consistency: string[] };
const range: LeafRange = {
  export_id: "0190a7c6-0000-7000-8000-000000000001",
  room_id: manifest.room_id,
  since: manifest.from,
  until: manifest.to,
  from: manifest.log.first_leaf,
  to: manifest.log.end_leaf,
  frontier,
  consistency,
  checkpoint: {
    note: text("checkpoint.txt"),
    vkey: manifest.log.vkey,
    size: manifest.log.size,
    root: toBase64(fromHex(manifest.log.root)),
  },
};

/** The leaves as the server hands them out. */
function served(): LogLeaf[] {
  const messages = new Map(
    read<StoredLine & { shredded?: true }>("messages.ndjson").map((one) => [one.leaf_index, one]),
  );
  const events = new Map(read<EventLine>("events.ndjson").map((one) => [one.leaf_index, one]));
  return read<{ leaf_index: number; leaf: string }>("leaves.ndjson").map(({ leaf_index, leaf }) => {
    const [message, event] = [messages.get(leaf_index), events.get(leaf_index)];
    return {
      leaf_index,
      leaf,
      ...(message && !message.shredded ? { message: { env: message.env, sig: message.sig } } : {}),
      ...(event ? { body: event.body } : {}),
    };
  });
}

describe("what an export collects", () => {
  it("is what the command line collects of the same leaves, in pages of any size", async () => {
    for (const size of [1, 7, 10_000]) {
      const lines: Lines = { "leaves.ndjson": "", "messages.ndjson": "", "events.ndjson": "" };
      let next = range.from;
      const leaves = served();
      while (next < range.to) {
        const items = leaves.slice(next - range.from, next - range.from + size);
        const page = await linesOf({ items }, range, next);
        for (const part of ["leaves.ndjson", "messages.ndjson", "events.ndjson"] as const)
          lines[part] += page.lines[part];
        next = page.next;
      }
      expect(lines["leaves.ndjson"]).toBe(text("leaves.ndjson"));
      const times = ({ accepted_at, ...rest }: StoredLine) => ({ ...rest, accepted_at: Date.parse(accepted_at) });
      expect(parse<StoredLine>(lines["messages.ndjson"]).map(times)).toEqual(
        read<StoredLine>("messages.ndjson").map(times),
      );
      const within = read<EventLine>("events.ndjson").filter(({ path }) => !path);
      const at = ({ at: time, ...rest }: EventLine) => ({ ...rest, at: Date.parse(time) });
      expect(parse<EventLine>(lines["events.ndjson"]).map(at)).toEqual(within.map(at));
    }
  });

  it("has no hole, no leaf of another place and no empty page", async () => {
    const leaves = served();
    const page = (items: LogLeaf[], next = range.from) => linesOf({ items }, range, next);
    await expect(page([])).rejects.toThrow(/no leaf/);
    await expect(page(leaves.slice(1))).rejects.toThrow(/where leaf/);
    await expect(page([...leaves.slice(0, 2), ...leaves.slice(3)])).rejects.toThrow(/where leaf/);
    const [last] = leaves.slice(-1);
    if (!last) throw new Error("the vector has leaves");
    await expect(page([{ ...last, leaf_index: range.to }], range.to)).rejects.toThrow(/where leaf/);
  });

  it("outlives the page, and only its officer is shown it", async () => {
    const begun: Draft = {
      export_id: range.export_id,
      officer: "quinn",
      case_id: "case",
      case_number: "2026-17",
      messages: 3,
      leaf_index: 9,
      begun_at: new Date().toISOString(),
      next: 0,
      octets: 0,
    };
    await keep(begun);
    expect(isComplete(begun)).toBe(false);
    const { lines } = await linesOf({ items: served() }, range, range.from);
    await keep({ ...begun, range, next: range.from }, { "events.ndjson": "before\n" });
    await keep({ ...begun, range, next: range.to }, lines, range.from);
    expect(await partOf(range.export_id, "events.ndjson")).toBe(`before\n${lines["events.ndjson"]}`);
    expect(await partOf(range.export_id, "leaves.ndjson")).toBe(lines["leaves.ndjson"]);
    const [found] = await drafts("quinn");
    expect(found && isComplete(found)).toBe(true);
    expect(await drafts("rosa")).toEqual([]);
    await drop(range.export_id);
    expect(await draft(range.export_id)).toBeUndefined();
    expect(await partOf(range.export_id, "leaves.ndjson")).toBe("");
  });

  it("is thrown away when nobody has come back for it", async () => {
    const old = new Date(Date.now() - 15 * 86_400_000).toISOString();
    await keep({
      export_id: "old",
      officer: "quinn",
      case_id: "case",
      case_number: "2026-1",
      messages: 0,
      leaf_index: 0,
      begun_at: old,
      next: 0,
      octets: 0,
    });
    expect(await drafts("quinn")).toEqual([]);
    expect(await draft("old")).toBeUndefined();
  });
});

const parse = <T>(lines: string): T[] =>
  lines
    .split("\n")
    .slice(0, -1)
    .map((one) => JSON.parse(one) as T);

describe("the file that the browser makes", () => {
  it("verifies, texts and mails too, and shows what the command line shows", async () => {
    const { making, exporter } = await scene();
    const file = await finish(making);
    // The command line verifies it, too (crates/bundle); the file that is checked in stays until the format changes.
    if (process.env["SEALCAST_WRITE_VECTORS"])
      writeFileSync(new URL("browser.tar", FOLDER), new Uint8Array(await file.arrayBuffer()));
    const report = await check(file, { logKey, exporter }, () => undefined);
    expect(report.faults).toEqual([]);
    expect(report.steps.map(({ name }) => name)).toContain("Mails");
    expect(report.manifest?.counts).toEqual(manifest.counts);
    expect(report.texts).toEqual(read<ViewLine>("view.ndjson"));
    const made = new Map(
      readArchive(new Uint8Array(await file.arrayBuffer())).map(({ name, octets }) => [name, octets]),
    );
    expect([...made.keys()]).toEqual([...parts.keys()]);
    for (const [name, octets] of made) {
      if (name === "README.txt" || name === "checkpoint.txt" || name.startsWith("eml/"))
        expect(fromUtf8(octets), name).toBe(text(name));
    }
  });

  it("can do without texts, and says which message did not open", async () => {
    const { making, exporter } = await scene();
    const sealed = await check(
      await finish({ ...making, sessionKey: undefined }),
      { logKey, exporter },
      () => undefined,
    );
    expect(sealed.faults).toEqual([]);
    expect(sealed.texts).toEqual([]);
    const wrong = toBase64(new Uint8Array(32));
    const sessionKey = async (message: StoredLine) => {
      if (message.id === read<ViewLine>("view.ndjson")[0]?.id) return wrong;
      throw new Error("it is not encrypted to this compliance key");
    };
    const closed = await check(await finish({ ...making, sessionKey }), { logKey, exporter }, () => undefined);
    expect(closed.faults).toEqual([]);
    expect(closed.texts[0]?.unreadable).toMatch(/commits to/);
    expect(closed.texts[1]?.unreadable).toMatch(/not encrypted/);
  });

  it("does not pass when the server left something out", async () => {
    const { making, exporter } = await scene();
    const messages = making.lines["messages.ndjson"].split("\n");
    const lines = { ...making.lines, "messages.ndjson": messages.toSpliced(1, 1).join("\n") };
    const report = await check(
      await finish({ ...making, lines, sessionKey: undefined }),
      { logKey, exporter },
      () => undefined,
    );
    expect(report.faults.map(({ reason }) => reason).join()).toMatch(/left out/);
  });
});

/** An officer of our own who exports what the command line exported. */
async function scene(): Promise<{ making: Making; exporter: string }> {
  const key = await generateUserKey("quinn", new Date("2026-11-24T00:00:00Z"));
  const exporter = key.getFingerprint();
  const own = {
    user_id: "01890a5d-ac96-774b-bcce-b302099a8099",
    username: "quinn",
    certificate: toBase64(octetsOf(key.toPublic())),
    fingerprint: exporter,
  };
  const known = read<{ kind: string } & CertifiedAccount>("certificates.ndjson").filter(
    ({ kind }) => kind === "account",
  );
  const accounts = await Promise.all(
    known.map(async ({ user_id, username, certificate }) => {
      const octets = Uint8Array.from(atob(certificate), (char) => char.charCodeAt(0));
      return { user_id, username, certificate, fingerprint: (await readPrimaryKey(octets)).fingerprint };
    }),
  );
  const keys = new Map(read<ViewLine>("view.ndjson").map(({ id, opened }) => [id, opened?.session_key]));
  const making: Making = {
    range,
    lines: {
      "leaves.ndjson": text("leaves.ndjson"),
      "messages.ndjson": text("messages.ndjson"),
      "events.ndjson": read<EventLine>("events.ndjson").map(line).join(""),
    },
    caseNumber: manifest.case ?? "",
    exporter: own,
    accounts: [...accounts, own],
    compliance: [],
    now: () => new Date("2026-11-27T12:00:00.123Z"),
    sessionKey: async ({ id }) => keys.get(id) ?? "",
    sign: (octets, at) => sign(octets, key, at),
  };
  return { making, exporter };
}
