import { type Octets, fromBase64, sha256, toHex, utf8 } from "../core/crypto/octets";
import { type Anchors, FORMAT, LISTED, type Manifest, type Report, verifyBundle } from "../verifier/bundle";
import { eml, emlName } from "../verifier/eml";
import { type StoredLine, type ViewLine, openText, signedContext } from "../verifier/message";
import { readPrimaryKey } from "../verifier/openpgp";
import { type Part, archiveOf } from "../verifier/ustar";
import type { LeafRange } from "../api/types";
import { type Lines, line } from "./lines";
import { README } from "./readme";

/** The compliance key was dropped while messages were opened with it. */
export class KeyGone extends Error {}

/** Whose signature or reading needs a certificate, as the directory gives it. */
export interface CertifiedAccount {
  user_id: string;
  username: string;
  certificate: string;
  fingerprint: string;
}

/** What is needed besides what was collected. */
export interface Making {
  range: LeafRange;
  lines: Lines;
  caseNumber: string;
  exporter: CertifiedAccount;
  /** Of every sender, and of the exporter. */
  accounts: CertifiedAccount[];
  /** The compliance certificates up to the one in force, which comes last. */
  compliance: { fingerprint: string; certificate: string }[];
  /** Asked once, after the texts were opened. */
  now: () => Date;
  /** Gives the session key of a message, in base64, or throws why there is none; absent when no texts are wanted. */
  sessionKey: ((message: StoredLine) => Promise<string>) | undefined;
  /** Makes the exporter's signature over the manifest, as of the time that it states. */
  sign: (manifest: Octets, at: Date) => Promise<Octets>;
}

/** The messages that have their content. */
export const storedLines = (messages: string): StoredLine[] =>
  messages
    .split("\n")
    .slice(0, -1)
    .map((text) => JSON.parse(text) as StoredLine & { shredded?: true })
    .filter(({ shredded }) => !shredded);

/** Makes the file out of what was collected (docs/protocol.md, section 10). */
export async function finish(making: Making): Promise<Blob> {
  const { range, lines } = making;
  const stored = storedLines(lines["messages.ndjson"]);
  const view = making.sessionKey && (await viewOf(stored, making, making.sessionKey));
  const { frontier, consistency, checkpoint } = range;
  const cosignatures = (checkpoint.cosignatures ?? []).map((cosignature) => `${cosignature.line.trimEnd()}\n`);
  const texts: Record<string, string> = {
    "README.txt": README,
    // What witnesses say of it stands below the log's own signature.
    "checkpoint.txt": checkpoint.note + cosignatures.join(""),
    "range.json": line({ frontier, consistency }),
    "certificates.ndjson": certificateLines(making),
    ...lines,
    ...(view ? { "view.ndjson": view.map(line).join("") } : {}),
  };
  const parts = LISTED.filter((name) => texts[name] !== undefined).map((name) => ({
    name,
    octets: utf8(texts[name] ?? ""),
  }));
  const stated = await manifestOf(making, parts, stored.length);
  const manifest = utf8(`${JSON.stringify(stated, undefined, 2)}\n`);
  const mails = (view ?? []).map((one) => ({ name: emlName(one), octets: eml(range.room_id, one) }));
  return archiveOf([
    { name: "manifest.json", octets: manifest },
    { name: "manifest.sig", octets: await making.sign(manifest, new Date(stated.made_at)) },
    ...parts,
    ...mails,
  ]);
}

/** Checks what was made as whoever gets it will, before anybody relies on it. */
export const check = async (file: Blob, anchors: Anchors, progress: (text: string) => void): Promise<Report> =>
  verifyBundle(new Uint8Array(await file.arrayBuffer()), anchors, progress);

function certificateLines({ accounts, compliance }: Making): string {
  const known = accounts.map(({ user_id, username, certificate }) =>
    line({ kind: "account", user_id, username, certificate }),
  );
  return known.join("") + compliance.map(({ certificate }) => line({ kind: "compliance", certificate })).join("");
}

async function manifestOf(
  { range, caseNumber, exporter, compliance, now }: Making,
  parts: Part[],
  messages: number,
): Promise<Manifest> {
  const records = await Promise.all(
    parts.map(async ({ name, octets }) => ({
      name,
      octets: octets.length,
      lines: octets.reduce((count, octet) => count + (octet === 10 ? 1 : 0), 0),
      sha256: toHex(await sha256(octets)),
    })),
  );
  const linesIn = (name: string): number => records.find((record) => record.name === name)?.lines ?? 0;
  const { user_id, username, fingerprint } = exporter;
  const inForce = compliance.at(-1);
  const { vkey, size, root } = range.checkpoint;
  return {
    format: FORMAT,
    // Signatures state seconds.
    made_at: `${now().toISOString().slice(0, 19)}Z`,
    exporter: { user_id, username, fingerprint },
    case: caseNumber,
    room_id: range.room_id,
    from: range.since ?? null,
    to: range.until ?? null,
    log: { vkey, first_leaf: range.from, end_leaf: range.to, size, root: toHex(fromBase64(root)) },
    ...(inForce ? { compliance: inForce.fingerprint } : {}),
    counts: {
      leaves: linesIn("leaves.ndjson"),
      messages,
      shredded: linesIn("messages.ndjson") - messages,
      events: linesIn("events.ndjson"),
      views: linesIn("view.ndjson"),
    },
    parts: records,
  };
}

/** The texts, each in the form in which a verifier can check it. */
async function viewOf(
  stored: StoredLine[],
  { accounts }: Making,
  sessionKey: (message: StoredLine) => Promise<string>,
): Promise<ViewLine[]> {
  const names = new Map(accounts.map(({ user_id, username }) => [user_id, username]));
  const signers = new Map(
    await Promise.all(
      accounts.map(async ({ certificate }) => {
        const key = await readPrimaryKey(fromBase64(certificate));
        return [key.fingerprint, key] as const;
      }),
    ),
  );
  const view: ViewLine[] = [];
  for (const message of stored) {
    const { id, leaf_index, accepted_at, sender } = message;
    const about = { id, leaf_index, accepted_at, sender, username: names.get(sender) ?? "" };
    try {
      const signer = signers.get(message.sender_fp);
      if (!signer) throw new Error("the sender’s certificate is missing");
      const context = await signedContext(message, signer);
      view.push({ ...about, opened: await openText(message, context, await sessionKey(message)) });
    } catch (error) {
      // Not this message cannot be opened, but none any more: an export must not look as if that were the messages' fault.
      if (error instanceof KeyGone) throw error;
      view.push({ ...about, unreadable: error instanceof Error ? error.message : String(error) });
    }
  }
  return view;
}
