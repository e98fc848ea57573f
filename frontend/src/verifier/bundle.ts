import { leafHash, messageLeaf, verifyConsistency, verifyInclusion } from "../core/crypto/merkle";
import { verifyCheckpoint } from "../core/crypto/note";
import { type Octets, equal, fromBase64, fromUtf8, sha256, toHex, utf8 } from "../core/crypto/octets";
import { eml, emlName } from "./eml";
import { Frontier } from "./frontier";
import { type OpenedText, type StoredLine, type ViewLine, openText, signedContext } from "./message";
import { type SigningKey, readPrimaryKey, verifySignature } from "./openpgp";
import { type Part, readArchive } from "./ustar";

/** What was found: the same checks as `sealcast audit verify` makes (docs/protocol.md, section 10). */
export interface Report {
  steps: { name: string; detail: string }[];
  notes: string[];
  faults: { part: string; line?: number; reason: string }[];
  manifest?: Manifest;
  texts: ViewLine[];
}

/** What the reader knows from elsewhere. */
export interface Anchors {
  logKey: string;
  exporter: string;
}

export interface Manifest {
  format: string;
  made_at: string;
  exporter: { user_id: string; username: string; fingerprint: string };
  case?: string;
  compliance?: string;
  room_id: string;
  from: string | null;
  to: string | null;
  log: { vkey: string; first_leaf: number; end_leaf: number; size: number; root: string };
  counts: { leaves: number; messages: number; shredded: number; events: number; views: number };
  parts: { name: string; octets: number; lines: number; sha256: string }[];
}

type MessageLine = StoredLine & { shredded?: boolean };

export interface EventLine {
  leaf_index: number;
  event_id: string;
  kind: string;
  actor?: string;
  at: string;
  body: string;
  path?: string[];
}

export const FORMAT = "sealcast-export/1";
/** The parts that the manifest lists, in their order; the view is last and may be absent. */
export const LISTED = [
  "README.txt",
  "checkpoint.txt",
  "range.json",
  "certificates.ndjson",
  "leaves.ndjson",
  "messages.ndjson",
  "events.ndjson",
  "view.ndjson",
];
/** The events that tell who was in which room, and under which keys. */
export const ROOM_EVENTS = new Set([
  "room_created",
  "member_joined",
  "member_left",
  "member_removed",
  "epoch_opened",
  "grant_added",
]);
const MARGIN_MS = 600_000;
const FAULTS_MAX = 100;

/** Checks an export completely, without any network. */
export async function verifyBundle(
  archive: Octets,
  anchors: Anchors,
  progress: (text: string) => void,
): Promise<Report> {
  const check = new Check(anchors, progress);
  try {
    await check.run(readArchive(archive));
  } catch (error) {
    check.fault("the archive", error instanceof Error ? error.message : String(error));
  }
  check.report.faults.splice(FAULTS_MAX);
  return check.report;
}

class Check {
  report: Report = { steps: [], notes: [], faults: [], texts: [] };
  private parts = new Map<string, Octets>();
  private signers = new Map<string, { user: string; key: SigningKey }>();
  private names = new Map<string, string>();
  private seen = new Map<number, { root: Octets; line: number }[]>();

  constructor(
    private anchors: Anchors,
    private progress: (text: string) => void,
  ) {}

  fault(part: string, reason: string, line?: number): void {
    this.report.faults.push(line === undefined ? { part, reason } : { part, line, reason });
  }

  async run(parts: Part[]): Promise<void> {
    for (const part of parts) {
      if (this.parts.has(part.name)) throw new Error(`${part.name} stands twice`);
      this.parts.set(part.name, part.octets);
    }
    const octets = this.octets("manifest.json");
    const manifest = JSON.parse(fromUtf8(octets)) as Manifest;
    if (manifest.format !== FORMAT) throw new Error(`manifest.json: its format is not ${FORMAT}`);
    this.report.manifest = manifest;
    await this.listed(parts, manifest);
    await this.certificates();
    await this.exporter(manifest, octets);
    await this.checkpoint(manifest);
    const messages = this.lines<MessageLine>("messages.ndjson");
    await this.messages(messages, manifest);
    const events = this.lines<EventLine>("events.ndjson");
    await this.log(manifest, messages, events);
    await this.events(manifest, events);
    await this.view(messages, manifest);
  }

  private octets(part: string): Octets {
    const octets = this.parts.get(part);
    if (!octets) throw new Error(`${part} is missing`);
    return octets;
  }

  private lines<T>(part: string): { number: number; line: T }[] {
    const text = fromUtf8(this.octets(part));
    if (text && !text.endsWith("\n")) this.fault(part, "its last line is cut off");
    const read: { number: number; line: T }[] = [];
    for (const [index, line] of text.split("\n").slice(0, -1).entries()) {
      try {
        read.push({ number: index + 1, line: JSON.parse(line) as T });
      } catch {
        this.fault(part, "it is not a line of this part", index + 1);
      }
    }
    return read;
  }

  private step(before: number, name: string, detail: string): void {
    if (this.report.faults.length === before) this.report.steps.push({ name, detail });
  }

  private async listed(parts: Part[], manifest: Manifest): Promise<void> {
    const before = this.report.faults.length;
    const listed = manifest.parts.map((part) => part.name);
    const whole = listed.join() === LISTED.join();
    if (!whole && listed.join() !== LISTED.slice(0, -1).join())
      throw new Error("manifest.json: it does not list the parts of an export");
    for (const [at, name] of ["manifest.json", "manifest.sig", ...listed].entries()) {
      if (parts[at]?.name !== name) throw new Error(`${parts[at]?.name ?? "nothing"} stands where ${name} belongs`);
    }
    for (const part of parts.slice(2 + listed.length)) {
      if (!whole || !part.name.startsWith("eml/")) this.fault(part.name, "no part of an export has this name");
    }
    for (const record of manifest.parts) {
      const octets = this.octets(record.name);
      const lines = octets.reduce((count, octet) => count + (octet === 10 ? 1 : 0), 0);
      const same =
        octets.length === record.octets && lines === record.lines && toHex(await sha256(octets)) === record.sha256;
      if (!same) this.fault(record.name, "it is not the part that the manifest states: its SHA-256 or length differs");
    }
    this.step(before, "Parts", `${listed.length} parts are those that the manifest states`);
  }

  private async certificates(): Promise<void> {
    type Line = { kind: string; user_id: string; username: string; certificate: string };
    for (const { number, line } of this.lines<Line>("certificates.ndjson")) {
      try {
        const key = await readPrimaryKey(fromBase64(line.certificate));
        if (line.kind !== "account") continue;
        // Texts are shown under these names: a line beside the one that signatures lead to would give another.
        const renamed = (this.names.get(line.user_id) ?? line.username) !== line.username;
        if (renamed || this.signers.has(key.fingerprint))
          throw new Error("somebody has two names, or a certificate stands twice");
        this.signers.set(key.fingerprint, { user: line.user_id, key });
        this.names.set(line.user_id, line.username);
      } catch (error) {
        this.fault("certificates.ndjson", String(error), number);
      }
    }
  }

  private async exporter(manifest: Manifest, octets: Octets): Promise<void> {
    const { fingerprint, user_id, username } = manifest.exporter;
    if (this.anchors.exporter && this.anchors.exporter !== fingerprint)
      this.fault("manifest.json", "another officer exported it");
    if (!this.anchors.exporter)
      this.report.notes.push(`The exporter’s certificate comes from the export itself: compare ${fingerprint}.`);
    const signer = this.signers.get(fingerprint);
    try {
      if (signer?.user !== user_id) throw new Error("the exporter’s certificate is not in the export");
      const value = await verifySignature(octets, this.octets("manifest.sig"), signer.key, "export@sealcast.example");
      if (value !== "v1") throw new Error("it was made for something else");
      this.report.steps.push({ name: "Manifest", detail: `signed by ${username} at ${manifest.made_at}` });
    } catch (error) {
      this.fault("manifest.sig", error instanceof Error ? error.message : String(error));
    }
  }

  private async checkpoint({ log }: Manifest): Promise<void> {
    const before = this.report.faults.length;
    const key = this.anchors.logKey || log.vkey;
    if (!this.anchors.logKey)
      this.report.notes.push(`The log’s key comes from the export itself: compare ${log.vkey}.`);
    if (key.trim() !== log.vkey.trim()) this.fault("manifest.json", "the log’s key is not the one that you gave");
    const verified = await verifyCheckpoint(fromUtf8(this.octets("checkpoint.txt")), key);
    if (!verified) this.fault("checkpoint.txt", "the log’s key did not sign it");
    else if (verified.size !== log.size || toHex(verified.root) !== log.root) {
      this.fault("checkpoint.txt", "its size or root is not what the manifest states");
    }
    this.step(before, "Checkpoint", `${log.size} leaves, root ${log.root}, signed by the log`);
  }

  private async messages(messages: { number: number; line: MessageLine }[], manifest: Manifest): Promise<void> {
    const before = this.report.faults.length;
    let stored = 0;
    for (const { number, line } of messages) {
      if (line.shredded) continue;
      stored += 1;
      if (stored % 50 === 0) this.progress(`${stored} signatures`);
      try {
        const context = await this.context(line);
        const known = this.seen.get(context.cp.size) ?? [];
        this.seen.set(context.cp.size, [...known, { root: context.cp.root, line: number }]);
      } catch (error) {
        this.fault("messages.ndjson", `message ${line.id}: ${error instanceof Error ? error.message : error}`, number);
      }
    }
    const { counts } = manifest;
    if (stored !== counts.messages || messages.length - stored !== counts.shredded) {
      this.fault("messages.ndjson", "there are not as many messages as the manifest states");
    }
    this.step(before, "Messages", `${stored} carry their senders’ signatures`);
    if (counts.shredded > 0)
      this.report.notes.push(
        `${counts.shredded} messages are given without content; that retention destroyed it is the exporter’s word, the log’s events say whether.`,
      );
    this.report.notes.push("Names are the exporter’s: what a signature binds is a certificate’s fingerprint.");
  }

  private async context(line: MessageLine): ReturnType<typeof signedContext> {
    const signer = this.signers.get(line.sender_fp);
    if (signer?.user !== line.sender) throw new Error("its sender’s certificate is missing");
    return signedContext(line, signer.key);
  }

  private async log(
    manifest: Manifest,
    messages: { number: number; line: MessageLine }[],
    events: { number: number; line: EventLine }[],
  ): Promise<void> {
    const before = this.report.faults.length;
    const { log, room_id } = manifest;
    const range = JSON.parse(fromUtf8(this.octets("range.json"))) as { frontier: string[]; consistency: string[] };
    const frontier = new Frontier(log.first_leaf, range.frontier.map(fromBase64));
    const byLeaf = new Map(messages.map((message) => [message.line.leaf_index, message]));
    const eventByLeaf = new Map(events.map((event) => [event.line.leaf_index, event]));
    const from = manifest.from === null ? -Infinity : Date.parse(manifest.from);
    const to = manifest.to === null ? Infinity : Date.parse(manifest.to);
    // Of messages alone: an event that waited in its service stands long behind its time, and could hide what came before it.
    let [first, last] = [Infinity, -Infinity];
    let vouched = await this.vouch(frontier);
    for (const { number, line } of this.lines<{ leaf_index: number; leaf: string; hash: string }>("leaves.ndjson")) {
      const index = frontier.size;
      if (index % 500 === 0) this.progress(`leaf ${index}`);
      if (line.leaf_index !== index)
        this.fault("leaves.ndjson", `leaf ${line.leaf_index} stands where leaf ${index} belongs`, number);
      const hash = await leafHash(utf8(line.leaf));
      if (toHex(hash) !== line.hash)
        this.fault("leaves.ndjson", `leaf ${index} is not what it was: its hash differs`, number);
      await frontier.append(hash);
      vouched += await this.vouch(frontier);
      const fields = new Map(line.leaf.split("\n").map((part) => part.split("=", 2) as [string, string]));
      const at = Number(fields.get("at"));
      if (line.leaf.startsWith("sealcast/v1/message\n")) {
        first = Math.min(first, at);
        last = Math.max(last, at);
        if (fields.get("room") !== room_id || at < from || at >= to) continue;
        const message = byLeaf.get(index);
        byLeaf.delete(index);
        if (!message)
          this.fault("leaves.ndjson", `message ${fields.get("id")} of the room is left out of messages.ndjson`, number);
        else if (!(await this.isMessageOf(message.line, line.leaf, fields.get("id")))) {
          this.fault(
            "messages.ndjson",
            `message ${message.line.id} is not the one that leaf ${index} stands for`,
            message.number,
          );
        }
      } else if (ROOM_EVENTS.has(fields.get("kind") ?? "")) {
        const event = eventByLeaf.get(index);
        eventByLeaf.delete(index);
        if (!event)
          this.fault(
            "leaves.ndjson",
            `the event ${fields.get("kind")} of leaf ${index} is left out of events.ndjson`,
            number,
          );
        else if (event.line.path || (await eventLeaf(event.line)) !== line.leaf) {
          this.fault("events.ndjson", `the event is not the one that leaf ${index} stands for`, event.number);
        }
      }
    }
    for (const { number, line } of byLeaf.values())
      this.fault("messages.ndjson", `message ${line.id} belongs to no leaf of the range`, number);
    for (const { number, line } of eventByLeaf.values()) {
      if (line.leaf_index >= log.first_leaf)
        this.fault("events.ndjson", "the event belongs to no leaf of the range", number);
    }
    if (frontier.size !== log.end_leaf)
      this.fault("leaves.ndjson", `it ends at leaf ${frontier.size}, not at ${log.end_leaf}`);
    if (log.first_leaf > 0 && !(first < from - MARGIN_MS))
      this.fault("leaves.ndjson", "it does not begin before the time that was asked for");
    if (log.end_leaf < log.size && !(last >= to + MARGIN_MS))
      this.fault("leaves.ndjson", "it does not end after the time that was asked for");
    const own = { size: frontier.size, root: await frontier.root() };
    const signed = { size: log.size, root: hex(log.root) };
    if (!(await verifyConsistency(own, signed, range.consistency.map(fromBase64)))) {
      this.fault("leaves.ndjson", "the leaves do not lead to the root that the log signed");
    }
    this.step(
      before,
      "Log",
      `leaves ${log.first_leaf} to ${log.end_leaf} without a gap, in the signed log of ${log.size}`,
    );
    this.step(before, "Gossip", `what ${vouched} senders signed to have seen of the log is what it was`);
  }

  private async vouch(frontier: Frontier): Promise<number> {
    const seen = this.seen.get(frontier.size);
    if (!seen) return 0;
    const root = (await frontier.root()).slice(0, 16);
    for (const { root: theirs, line } of seen) {
      if (!equal(root, theirs))
        this.fault("messages.ndjson", `its sender saw another log of ${frontier.size} leaves: a split view`, line);
    }
    return seen.length;
  }

  private async isMessageOf(line: MessageLine, leaf: string, id: string | undefined): Promise<boolean> {
    if (line.shredded) return line.id === id;
    const message = {
      id: line.id,
      room: line.room_id,
      epoch: line.epoch,
      cid: line.cid,
      sender: line.sender,
      senderFp: line.sender_fp,
      acceptedAtMs: Date.parse(line.accepted_at),
      env: fromBase64(line.env),
      sig: fromBase64(line.sig),
    };
    return fromUtf8(await messageLeaf(message)) === leaf;
  }

  private async events(
    { log, counts, room_id }: Manifest,
    events: { number: number; line: EventLine }[],
  ): Promise<void> {
    const before = this.report.faults.length;
    let last = -1;
    for (const { number, line } of events) {
      if (line.leaf_index <= last) this.fault("events.ndjson", "it stands out of order", number);
      last = line.leaf_index;
      if (line.leaf_index >= log.first_leaf) continue;
      const leaf = utf8(await eventLeaf(line));
      const path = (line.path ?? []).map(fromBase64);
      const inLog = await verifyInclusion(leaf, line.leaf_index, log.size, path, hex(log.root));
      if (!inLog) this.fault("events.ndjson", `the event of leaf ${line.leaf_index} is not in the signed log`, number);
      const body = JSON.parse(line.body) as { room_id?: string };
      if (body.room_id !== room_id) this.fault("events.ndjson", "it is of another room", number);
    }
    if (events.length !== counts.events)
      this.fault("events.ndjson", "there are not as many events as the manifest states");
    this.step(before, "Membership", `${events.length} events, those before the range with proofs of their own`);
    if (log.first_leaf > 0) {
      this.report.notes.push(`Before leaf ${log.first_leaf} each event is proven, but not that there were no others.`);
    }
  }

  private async view(messages: { number: number; line: MessageLine }[], manifest: Manifest): Promise<void> {
    if (!this.parts.has("view.ndjson")) return;
    const before = this.report.faults.length;
    const stored = messages.filter(({ line }) => !line.shredded);
    const view = this.lines<ViewLine>("view.ndjson");
    if (view.length !== stored.length) this.fault("view.ndjson", "there is not one text for each message");
    for (const [at, { number, line }] of view.entries()) {
      const message = stored[at]?.line;
      try {
        if (!message || message.id !== line.id || message.leaf_index !== line.leaf_index)
          throw new Error("it is not the next message");
        if (
          line.sender !== message.sender ||
          line.accepted_at !== message.accepted_at ||
          this.names.get(line.sender) !== line.username
        ) {
          throw new Error("its sender or time is not the message’s");
        }
        if ((line.opened === undefined) === (line.unreadable === undefined))
          throw new Error("it has neither a text nor a reason, or both");
        if (line.opened) await this.text(message, line.opened);
      } catch (error) {
        this.fault("view.ndjson", `message ${line.id}: ${error instanceof Error ? error.message : error}`, number);
      }
    }
    this.report.texts = view.map(({ line }) => line);
    this.step(before, "Texts", `${view.filter(({ line }) => line.opened).length} are what their senders signed`);
    const unreadable = view.filter(({ line }) => !line.opened).length;
    if (unreadable > 0)
      this.report.notes.push(`${unreadable} messages have no text: the exporter could not open them.`);
    this.mails(view, manifest);
  }

  /** One mail for each text, in the same order, and each is the mail of its text. */
  private mails(view: { line: ViewLine }[], { room_id }: Manifest): void {
    const before = this.report.faults.length;
    const found = [...this.parts].filter(([name]) => name.startsWith("eml/"));
    for (const [at, { line }] of view.entries()) {
      const [name, octets] = found[at] ?? [];
      if (name !== emlName(line)) this.fault(name ?? emlName(line), "a mail is missing or out of order");
      else if (!octets || !equal(octets, eml(room_id, line))) this.fault(name, "it is not the mail of its message");
    }
    if (found.length > view.length) this.fault("eml/", "there are more mails than messages");
    this.step(before, "Mails", `${found.length} are those of the texts`);
  }

  private async text(message: MessageLine, opened: OpenedText): Promise<void> {
    const { kind, text, re } = await openText(message, await this.context(message), opened.session_key);
    if (kind !== opened.kind || text !== opened.text || re !== opened.re)
      throw new Error("its text is not what the sender wrote");
  }
}

async function eventLeaf({ event_id, kind, actor, at, body }: EventLine): Promise<string> {
  const hash = toHex(await sha256(utf8(body)));
  return `sealcast/v1/event\nid=${event_id}\nkind=${kind}\nactor=${actor ?? "-"}\nat=${Date.parse(at)}\nbody=${hash}\n`;
}

const hex = (text: string): Octets => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
