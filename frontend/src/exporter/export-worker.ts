import { api, serverNow } from "../api/client";
import { officers } from "../api/officers";
import { ApiError } from "../api/problems";
import type { LeafRange, Organisation } from "../api/types";
import type { Octets } from "../core/crypto/octets";
import { namedIn } from "../core/disclosure-recipients";
import type { Anchors, Report } from "../verifier/bundle";
import type { StoredLine } from "../verifier/message";
import { type Draft, alone, draft, isComplete, keep, partOf } from "./drafts";
import { type CertifiedAccount, KeyGone, check, finish, storedLines } from "./finish";
import { GROWING, type Growing, type Lines, linesOf, provenLines } from "./lines";

/** What is to be exported; a case may narrow it. */
export interface NewExport {
  officer: string;
  case_id: string;
  case_number: string;
  room_id: string | undefined;
  from: string | undefined;
  to: string | undefined;
}

export type Job =
  | { begin: NewExport }
  | { resume: string }
  /** With the texts of what the compliance keys open to whose recipients it is sealed; without any texts when absent. */
  | { make: string; exporter: string; anchors: Anchors; textsFor?: string[] };

export type ToExporter =
  | Job
  | { answer: number; value: unknown }
  | { answer: number; failed: string; keyGone: boolean };

/** What it is at: a text with places, and what stands in them. */
export interface Stage {
  text: string;
  values: Record<string, number>;
}

/** What only the page can do: it reaches the keys. */
export type Question = { sign: Octets; at: Date } | { sessionKey: StoredLine };

export type FromExporter =
  | { draft: Draft }
  | { stage: Stage }
  | ({ ask: number } & Question)
  | { made: { file: Blob; report: Report } }
  | { collected: Draft }
  | { failed: string };

/** More than this is the command line's: a browser holds all of it in memory. */
const OCTETS_MAX = 200_000_000;
const TOO_LARGE =
  "This export is larger than a browser should hold (200 MB). Narrow its times, or use: sealcast audit export.";
const ATTEMPTS_MAX = 5;
const PAUSE_MS = 1_000;

const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
let asked = 0;

self.onmessage = ({ data }: MessageEvent<ToExporter>) => {
  if (!("answer" in data)) return void run(data);
  const waiter = waiting.get(data.answer);
  waiting.delete(data.answer);
  if ("failed" in data) waiter?.reject(data.keyGone ? new KeyGone(data.failed) : new Error(data.failed));
  else waiter?.resolve(data.value);
};

const say = (message: FromExporter): void => self.postMessage(message);

function ask<T>(question: Question): Promise<T> {
  const number = asked++;
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve: resolve as (value: unknown) => void, reject });
    say({ ask: number, ...question });
  });
}

async function run(job: Job): Promise<void> {
  try {
    if ("begin" in job) return await collectAlone(await begin(job.begin));
    const found = await draft("resume" in job ? job.resume : job.make);
    if (!found) throw new Error("This browser does not hold this export any more.");
    if ("resume" in job) await collectAlone(found);
    else await make(found, job);
  } catch (error) {
    say({ failed: error instanceof Error ? error.message : String(error) });
  }
}

/** The leaf of the export is written before anything else: from here on the same export is gone on with. */
async function begin({ officer, case_id, case_number, room_id, from, to }: NewExport): Promise<Draft> {
  const body = { room_id: room_id ?? null, sender: null, from: from ?? null, to: to ?? null };
  const { export_id, messages, leaf_index } = await officers.startExport(case_id, body);
  const begun_at = new Date().toISOString();
  const begun = { export_id, officer, case_id, case_number, messages, leaf_index, begun_at, next: 0, octets: 0 };
  await keep(begun);
  return begun;
}

const collectAlone = (begun: Draft): Promise<void> =>
  alone(begun.export_id, async () => say({ collected: await collect(begun) }));

/** Fetches what is not here yet. */
async function collect(begun: Draft): Promise<Draft> {
  say({ draft: begun });
  let at = begun.range ? { ...begun, range: begun.range } : await ranged(begun);
  const { range } = at;
  while (!isComplete(at)) {
    const from = at.next;
    const page = await patiently(() => officers.leaves(at.export_id, from, range.to));
    const { lines, next } = await linesOf(page, range, from);
    const octets = GROWING.reduce((sum, part) => sum + lines[part].length, at.octets);
    if (octets > OCTETS_MAX) throw new Error(TOO_LARGE);
    at = { ...at, next, octets };
    await keep(at, lines, from);
    say({ draft: at });
  }
  return at;
}

/** Which leaves it takes, and what happened to the room before them. */
async function ranged(begun: Draft): Promise<Draft & { range: LeafRange }> {
  const range = await patiently(() => officers.leafRange(begun.export_id));
  const before = await roomEvents(begun.export_id, range.from);
  const draft = { ...begun, range, next: range.from, octets: before.length };
  await keep(draft, { "events.ndjson": before });
  return draft;
}

async function roomEvents(exportId: string, before: number): Promise<string> {
  let lines = "";
  let cursor: string | undefined;
  do {
    const from = cursor;
    const page = await patiently(() => officers.roomEvents(exportId, before, from));
    lines += provenLines(page.items);
    if (lines.length > OCTETS_MAX) throw new Error(TOO_LARGE);
    cursor = page.next_cursor ?? undefined;
    if (cursor !== undefined && cursor === from) throw new Error("The server gives the same page again and again.");
  } while (cursor !== undefined);
  return lines;
}

/** A lost connection and a spent budget are waited for; a refusal is not. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !(error instanceof ApiError) || !mayPass(error)) throw error;
      const pause = Math.max(PAUSE_MS * attempt, (error.retryAfterS ?? 0) * 1_000);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

const mayPass = ({ status }: ApiError): boolean => status === 0 || status === 429 || status >= 500;

async function make(
  { export_id, case_id, case_number, range }: Draft,
  { exporter, anchors, textsFor }: Extract<Job, { make: string }>,
): Promise<void> {
  if (!range) throw new Error("This export is not complete yet.");
  say({ stage: { text: "Putting it together", values: {} } });
  const lines = Object.fromEntries(
    await Promise.all(GROWING.map(async (part) => [part, await partOf(export_id, part)] as const)),
  ) as Record<Growing, string> satisfies Lines;
  const stored = storedLines(lines["messages.ndjson"]);
  const { organisation } = await api.server();
  const accounts = await accountsOf(new Set([...stored.map(({ sender_fp }) => sender_fp), exporter]));
  const own = accounts.find(({ fingerprint }) => fingerprint === exporter);
  if (!own) throw new Error("The server does not know your certificate.");
  if (textsFor) {
    // What is opened is logged first, and the people concerned are told; what no key here opens is not.
    const opening = stored.filter(({ env }) => namedIn(env).some((named) => textsFor.includes(named)));
    const ids = opening.map(({ id }) => id);
    await officers.grantDecryption(case_id, ids, patiently);
  }
  let opened = 0;
  const sessionKey = (message: StoredLine): Promise<string> => {
    say({ stage: { text: "Opening message {number} of {of}", values: { number: ++opened, of: stored.length } } });
    return ask<string>({ sessionKey: message });
  };
  const file = await finish({
    range,
    lines,
    caseNumber: case_number,
    exporter: own,
    accounts,
    compliance: complianceOf(organisation),
    now: serverNow,
    sessionKey: textsFor ? sessionKey : undefined,
    sign: (sign, at) => ask<Octets>({ sign, at }),
  });
  const report = await check(file, anchors, () => say({ stage: { text: "Checking it", values: {} } }));
  say({ made: { file, report } });
}

/** The compliance certificates up to the one in force. */
function complianceOf({ compliance, compliance_succession: all }: Organisation): Organisation["compliance_succession"] {
  const place = all.findIndex(({ fingerprint }) => fingerprint === compliance?.fingerprint);
  return place < 0 && compliance ? [compliance] : all.slice(0, place + 1);
}

async function accountsOf(fingerprints: Set<string>): Promise<CertifiedAccount[]> {
  const accounts: CertifiedAccount[] = [];
  for (const fingerprint of [...fingerprints].toSorted()) {
    try {
      accounts.push(await patiently(() => api.certificate(fingerprint)));
    } catch (error) {
      // The check names the messages that nobody answers for.
      if (!(error instanceof ApiError) || error.code !== "not-found") throw error;
    }
  }
  return accounts;
}
