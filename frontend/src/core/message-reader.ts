import type { Envelope } from "../api/types";
import type { ComplianceCertificate } from "./compliance";
import { fromBase64 } from "./crypto/octets";
import { readMessage } from "./crypto/message";
import type { Directory } from "./directory";
import type { Body, TimelineItem, UnreadableReason } from "./model";
import type { Rooms } from "./rooms";

/** Turns envelopes into what a tab shows, verified and decrypted, or with the reason why not. */
export class MessageReader {
  #me: string;
  #rooms: Rooms;
  #directory: Directory;
  #compliance: ComplianceCertificate;

  constructor(me: string, rooms: Rooms, directory: Directory, compliance: ComplianceCertificate) {
    this.#me = me;
    this.#rooms = rooms;
    this.#directory = directory;
    this.#compliance = compliance;
  }

  async read(envelope: Envelope): Promise<TimelineItem> {
    const { body, senderName } = await this.#open(envelope).catch(() => ({
      body: unreadable("waiting"),
      senderName: "",
    }));
    const mine = envelope.sender === this.#me;
    return {
      key: keyOf(envelope),
      id: envelope.id,
      sender: envelope.sender,
      senderName,
      at: Date.parse(envelope.accepted_at),
      mine,
      body,
      ...(mine ? { delivery: { state: "accepted" as const } } : {}),
    };
  }

  async #open(envelope: Envelope): Promise<{ body: Body; senderName: string }> {
    const found = await this.#directory.byFingerprint(envelope.sender_fp, envelope.sender);
    if (!found.ok) return { body: unreadable(found.refusal), senderName: "" };
    const senderName = found.person.username;
    const room = (await this.#rooms.keys(envelope.room_id)).keys.get(envelope.epoch);
    if (!room) return { body: unreadable("no_key"), senderName };
    const octets = decode(envelope);
    if (!octets) return { body: unreadable("malformed"), senderName };
    const read = await readMessage(
      {
        ...octets,
        room: envelope.room_id,
        epoch: envelope.epoch,
        cid: envelope.cid,
        acceptedAt: new Date(envelope.accepted_at),
      },
      { sender: found.person.key, room: room.key, compliance: this.#compliance.key },
    );
    return { body: read.ok ? { kind: "text", text: read.text } : unreadable(read.refusal), senderName };
  }
}

/** Stable from the key press to the log. */
export const keyOf = ({ sender, cid }: { sender: string; cid: string }): string => `${sender}:${cid}`;

const unreadable = (reason: UnreadableReason): Body => ({ kind: "unreadable", reason });

function decode({ env, sig }: Envelope) {
  try {
    return { env: fromBase64(env), sig: fromBase64(sig) };
  } catch {
    return undefined;
  }
}
