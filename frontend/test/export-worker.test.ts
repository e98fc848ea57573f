import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api } from "../src/api/client";
import { officers } from "../src/api/officers";
import type { LeafRange } from "../src/api/types";
import { PKESK_OCTETS } from "../src/core/crypto/recipients";
import { fromHex, toBase64 } from "../src/core/crypto/octets";
import { keep } from "../src/exporter/drafts";
import type { FromExporter, ToExporter } from "../src/exporter/export-worker";
import { line } from "../src/exporter/lines";

const EXPORT = "0190a7c6-0000-7000-8000-000000000002";
const CASE = "0190a7c6-0000-7000-8000-000000000003";
const [ROOM_KEY, OLD_KEY, NEW_KEY] = ["aa", "bb", "cc"].map((octet) => octet.repeat(32)) as [string, string, string];

/** What names two recipients, and is nothing else of an envelope. */
function sealedTo(...recipients: string[]): string {
  const octets = new Uint8Array(recipients.length * PKESK_OCTETS);
  for (const [at, recipient] of recipients.entries()) octets.set(fromHex(recipient), at * PKESK_OCTETS + 5);
  return toBase64(octets);
}

/** What a worker's own scope is. */
const scope = {
  onmessage: undefined as unknown as (event: { data: ToExporter }) => void,
  postMessage: (said: FromExporter): void => void ("failed" in said && ended?.(said.failed)),
};
let ended: ((failed: string) => void) | undefined;

beforeEach(() => void vi.stubGlobal("self", scope));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it("tells the log of the texts that the loaded keys open, and of no other", async () => {
  const envelopes = { old: sealedTo(ROOM_KEY, OLD_KEY), new: sealedTo(ROOM_KEY, NEW_KEY), odd: "AA==", none: "?" };
  const lines = Object.entries(envelopes).map(([id, env]) => line({ id, env, sender_fp: "ee" }));
  const at = { export_id: EXPORT, officer: "quinn", case_id: CASE, case_number: "1", messages: 4, leaf_index: 1 };
  await keep(
    { ...at, begun_at: new Date().toISOString(), range: {} as LeafRange, next: 0, octets: 0 },
    { "messages.ndjson": lines.join("") },
  );
  vi.spyOn(api, "server").mockResolvedValue({ organisation: {} } as Awaited<ReturnType<typeof api.server>>);
  const certified = { user_id: "1", username: "quinn", certificate: "", fingerprint: "ff" };
  vi.spyOn(api, "certificate").mockImplementation(
    async (fingerprint) => ({ ...certified, fingerprint }) as Awaited<ReturnType<typeof api.certificate>>,
  );
  // Nothing is opened when that is not in the log.
  const grant = vi.spyOn(officers, "grantDecryption").mockRejectedValue(new Error("It is full."));
  await import("../src/exporter/export-worker");
  const anchors = { logKey: "", exporter: "ff" };
  const failed = await new Promise((resolve) => {
    ended = resolve;
    scope.onmessage({ data: { make: EXPORT, exporter: "ff", anchors, textsFor: [NEW_KEY] } });
  });
  expect(failed).toBe("It is full.");
  expect(grant).toHaveBeenCalledExactlyOnceWith(CASE, ["new"], expect.anything());
});
