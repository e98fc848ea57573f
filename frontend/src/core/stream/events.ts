/** What each event of the stream carries, checked by `SHAPES`. */
interface Payloads {
  hello: {
    node: string;
    head: string;
    resume: "fresh" | "exact" | "gap" | "reset";
    rooms: string[];
    server_time: string;
  };
  message: {
    id: string;
    room_id: string;
    cid: string;
    sender: string;
    sender_fp: string;
    epoch: number;
    env: string;
    sig: string;
    accepted_at: string;
  };
  gap: { after: string; up_to: string };
  reset: { head: string };
  presence: { user_id: string; state: "online" | "offline"; at: string };
  typing: { user_id: string; room_id: string };
  room: { room_id: string; change: string; user_id?: string | null };
  read: { room_id: string; sealed: string };
  checkpoint: { size: number; root: string; covers: string };
  revoke: { reason: string };
  drain: { spread_ms: number };
}

/** An event of `GET /api/v1/events`: a name and its data, checked. */
export type StreamEvent = { [N in keyof Payloads]: { name: N; data: Payloads[N] } }[keyof Payloads];

type Check = (value: unknown) => boolean;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const matching =
  (form: RegExp): Check =>
  (value) =>
    typeof value === "string" && form.test(value);
const text: Check = (value) => typeof value === "string";
const eventId = matching(/^\d+-\d+$/);
const uuid = matching(UUID);
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;

const SHAPES: { [N in keyof Payloads]: Record<keyof Payloads[N], Check> } = {
  hello: {
    node: text,
    head: eventId,
    resume: matching(/^(?:fresh|exact|gap|reset)$/),
    rooms: (value) => Array.isArray(value) && value.every(uuid),
    server_time: text,
  },
  message: {
    id: eventId,
    room_id: uuid,
    cid: uuid,
    sender: uuid,
    sender_fp: text,
    epoch: count,
    env: text,
    sig: text,
    accepted_at: text,
  },
  gap: { after: eventId, up_to: eventId },
  reset: { head: eventId },
  presence: { user_id: uuid, state: matching(/^(?:online|offline)$/), at: text },
  typing: { user_id: uuid, room_id: uuid },
  room: { room_id: uuid, change: text, user_id: (value) => value === undefined || value === null || uuid(value) },
  read: { room_id: uuid, sealed: text },
  checkpoint: { size: count, root: text, covers: eventId },
  revoke: { reason: text },
  drain: { spread_ms: count },
};

/** Reads one event; undefined for names of a later version and for malformed data, so that one bad event ends nothing. */
export function parseEvent(name: string, data: string): StreamEvent | undefined {
  if (!Object.hasOwn(SHAPES, name)) return undefined;
  try {
    const parsed = JSON.parse(data) as Record<string, unknown> | null;
    const shape: Record<string, Check> = SHAPES[name as keyof Payloads];
    const fits = parsed !== null && Object.entries(shape).every(([field, check]) => check(parsed[field]));
    return fits ? ({ name, data: parsed } as unknown as StreamEvent) : undefined;
  } catch {
    return undefined;
  }
}

/** Orders event ids: by stream epoch, then by sequence. */
export function compareIds(a: string, b: string): number {
  const [epochA = 0, seqA = 0] = a.split("-").map(Number);
  const [epochB = 0, seqB = 0] = b.split("-").map(Number);
  return epochA - epochB || seqA - seqB;
}
