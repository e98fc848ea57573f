import type { LeafPage, LeafRange, LogLeaf, ProvenEvent } from "../api/types";
import { leafHash } from "../core/crypto/merkle";
import { toHex, utf8 } from "../core/crypto/octets";
import { type EventLine, ROOM_EVENTS } from "../verifier/bundle";
import type { StoredLine } from "../verifier/message";

/** The parts of an export that grow page by page, as NDJSON. */
export const GROWING = ["leaves.ndjson", "messages.ndjson", "events.ndjson"] as const;
export type Growing = (typeof GROWING)[number];
export type Lines = Record<Growing, string>;

/** Turns a page of leaves into lines (docs/protocol.md, section 10); throws when it does not go on at `next`. */
export async function linesOf(
  { items }: LeafPage,
  range: LeafRange,
  next: number,
): Promise<{ lines: Lines; next: number }> {
  const lines: Lines = { "leaves.ndjson": "", "messages.ndjson": "", "events.ndjson": "" };
  let index = next;
  for (const item of items) {
    if (item.leaf_index !== index || index >= range.to)
      throw new Error(`The server sent leaf ${item.leaf_index} where leaf ${index} belongs.`);
    index += 1;
    const hash = toHex(await leafHash(utf8(item.leaf)));
    lines["leaves.ndjson"] += line({ leaf_index: item.leaf_index, leaf: item.leaf, hash });
    const fields = fieldsOf(item.leaf);
    if (item.leaf.startsWith("sealcast/v1/message\n")) {
      if (belongs(fields, range)) lines["messages.ndjson"] += line(messageLine(item, fields));
    } else if (ROOM_EVENTS.has(fields.get("kind") ?? "")) {
      lines["events.ndjson"] += line(eventLine(item, fields));
    }
  }
  if (index === next) throw new Error(`The server sent no leaf ${index}.`);
  return { lines, next: index };
}

/** The room's events before the range, each with its proof. */
export const provenLines = (events: ProvenEvent[]): string =>
  events.map(({ actor, ...rest }) => line({ ...rest, ...(actor ? { actor } : {}) })).join("");

export const line = (value: object): string => `${JSON.stringify(value)}\n`;

const fieldsOf = (leaf: string): Map<string, string> =>
  new Map(leaf.split("\n").map((field) => field.split("=", 2) as [string, string]));

const timeOf = (fields: Map<string, string>): Date => new Date(Number(fields.get("at")));

function belongs(fields: Map<string, string>, { room_id, since, until }: LeafRange): boolean {
  const at = timeOf(fields).getTime();
  return fields.get("room") === room_id && !(since && at < Date.parse(since)) && !(until && at >= Date.parse(until));
}

/** Without its content when retention has destroyed its day: the leaf still tells that it was there. */
function messageLine(
  { leaf_index, message }: LogLeaf,
  fields: Map<string, string>,
): StoredLine | { id: string; leaf_index: number; shredded: true } {
  const field = (name: string): string => fields.get(name) ?? "";
  if (!message) return { id: field("id"), leaf_index, shredded: true };
  return {
    id: field("id"),
    room_id: field("room"),
    cid: field("cid"),
    sender: field("sender"),
    sender_fp: field("sender_fp"),
    epoch: Number(field("epoch")),
    env: message.env,
    sig: message.sig,
    accepted_at: timeOf(fields).toISOString(),
    leaf_index,
  };
}

function eventLine({ leaf_index, body }: LogLeaf, fields: Map<string, string>): EventLine {
  if (!body) throw new Error(`The server sent leaf ${leaf_index} without its body.`);
  const actor = fields.get("actor");
  return {
    leaf_index,
    event_id: fields.get("id") ?? "",
    kind: fields.get("kind") ?? "",
    ...(actor && actor !== "-" ? { actor } : {}),
    at: timeOf(fields).toISOString(),
    body,
  };
}
