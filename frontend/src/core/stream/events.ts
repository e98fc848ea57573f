import * as v from "valibot";

const EventId = v.pipe(v.string(), v.regex(/^\d+-\d+$/));
const Uuid = v.pipe(v.string(), v.uuid());
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const SCHEMAS = {
  hello: v.object({
    node: v.string(),
    head: EventId,
    resume: v.picklist(["fresh", "exact", "gap", "reset"]),
    rooms: v.array(Uuid),
    server_time: v.string(),
  }),
  message: v.object({
    id: EventId,
    room_id: Uuid,
    cid: Uuid,
    sender: Uuid,
    sender_fp: v.string(),
    epoch: Count,
    env: v.string(),
    sig: v.string(),
    accepted_at: v.string(),
  }),
  gap: v.object({ after: EventId, up_to: EventId }),
  reset: v.object({ head: EventId }),
  presence: v.object({ user_id: Uuid, state: v.picklist(["online", "offline"]), at: v.string() }),
  typing: v.object({ user_id: Uuid, room_id: Uuid }),
  room: v.object({ room_id: Uuid, change: v.string(), user_id: v.nullish(Uuid) }),
  checkpoint: v.object({ size: Count, root: v.string(), covers: EventId }),
  revoke: v.object({ reason: v.string() }),
  drain: v.object({ spread_ms: Count }),
};

type Schemas = typeof SCHEMAS;

/** An event of `GET /api/v1/events`: a name and its data, checked. */
export type StreamEvent = { [N in keyof Schemas]: { name: N; data: v.InferOutput<Schemas[N]> } }[keyof Schemas];

/** Reads one event; undefined for names of a later version and for malformed data, so that one bad event ends nothing. */
export function parseEvent(name: string, data: string): StreamEvent | undefined {
  if (!Object.hasOwn(SCHEMAS, name)) return undefined;
  try {
    const parsed = v.safeParse(SCHEMAS[name as keyof Schemas], JSON.parse(data));
    return parsed.success ? ({ name, data: parsed.output } as StreamEvent) : undefined;
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
