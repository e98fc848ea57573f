import type { Envelope } from "../api/types";
import type { AuditLog } from "./audit-log";
import type { ComplianceCertificate } from "./compliance";
import type { Content, FileRef } from "./crypto/content";
import { fromBase64 } from "./crypto/octets";
import { readMessage } from "./crypto/message";
import type { Directory } from "./directory";
import type { Delivery, FileInfo, TimelineItem, UnreadableReason } from "./model";
import type { Rooms } from "./rooms";

/** An edit, a deletion or a reaction: it has no row of its own. */
export interface Change {
  key: string;
  id?: string;
  sender: string;
  senderName: string;
  at: number;
  mine: boolean;
  content: Exclude<Content, { kind: "text" }>;
  delivery?: Delivery;
}

/** A message's own row, as far as the message alone says; `reply` names what it answers. */
export interface Row {
  item: TimelineItem;
  reply?: string;
  /** With their keys, which no tab gets. */
  files?: FileRef[];
}

/** What an envelope turned out to be. */
export type Reading = { kind: "row"; row: Row } | { kind: "change"; change: Change };

interface Me {
  userId: string;
  username: string;
}

/** Turns envelopes into what a tab shows, verified and decrypted, or with the reason why not. */
export class MessageReader {
  #me: Me;
  #rooms: Rooms;
  #directory: Directory;
  #compliance: ComplianceCertificate;
  #heed: AuditLog["heed"];

  constructor(me: Me, rooms: Rooms, directory: Directory, compliance: ComplianceCertificate, heed: AuditLog["heed"]) {
    this.#me = me;
    this.#rooms = rooms;
    this.#directory = directory;
    this.#compliance = compliance;
    this.#heed = heed;
  }

  async read(envelope: Envelope): Promise<Reading> {
    const { content, senderName } = await this.#open(envelope).catch(() => ({
      content: "waiting" as const,
      senderName: "",
    }));
    const mine = envelope.sender === this.#me.userId;
    const base = {
      key: keyOf(envelope),
      id: envelope.id,
      sender: envelope.sender,
      senderName,
      at: Date.parse(envelope.accepted_at),
      mine,
      ...(mine ? { delivery: { state: "accepted" as const } } : {}),
    };
    if (typeof content === "string") {
      return { kind: "row", row: { item: { ...base, body: { kind: "unreadable", reason: content } } } };
    }
    return readingOf(base, content, this.#me.username);
  }

  async #open(envelope: Envelope): Promise<{ content: Content | UnreadableReason; senderName: string }> {
    const keys = this.#rooms.keys(envelope.room_id);
    keys.catch(() => undefined);
    const found = await this.#directory.byFingerprint(envelope.sender_fp, envelope.sender);
    if (!found.ok) return { content: found.refusal, senderName: "" };
    const senderName = found.person.username;
    const room = (await keys).keys.get(envelope.epoch);
    if (!room) return { content: "no_key", senderName };
    const octets = decode(envelope);
    if (!octets) return { content: "malformed", senderName };
    const read = await readMessage(
      {
        ...octets,
        room: envelope.room_id,
        epoch: envelope.epoch,
        cid: envelope.cid,
        acceptedAt: new Date(envelope.accepted_at),
      },
      { sender: found.person.key, room: room.key, compliance: this.#compliance.keyOf(octets.env) },
    );
    if (!read.ok) return { content: read.refusal, senderName };
    this.#heed(read.context.cp, envelope.sender, senderName);
    return { content: read.content, senderName };
  }
}

/** A message or a change, from what is known of it and what it says. */
export function readingOf(base: Omit<TimelineItem, "body">, content: Content, username: string): Reading {
  if (content.kind !== "text") return { kind: "change", change: { ...base, content } };
  const { text, mentions, reply, files } = content;
  const mentionsMe = !base.mine && mentions.includes(username);
  const item: TimelineItem = {
    ...base,
    body: { kind: "text", text, mentions, ...(files ? { files: files.map(infoOf) } : {}) },
    ...(mentionsMe ? { mentionsMe } : {}),
  };
  return { kind: "row", row: { item, ...(reply === undefined ? {} : { reply }), ...(files ? { files } : {}) } };
}

const infoOf = ({ key: _key, sum: _sum, ...info }: FileRef): FileInfo => info;

/** Stable from the key press to the log. */
export const keyOf = ({ sender, cid }: { sender: string; cid: string }): string => `${sender}:${cid}`;

function decode({ env, sig }: Envelope) {
  try {
    return { env: fromBase64(env), sig: fromBase64(sig) };
  } catch {
    return undefined;
  }
}
