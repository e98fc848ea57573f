import { problemOf, unreachable } from "./problems";
import type * as t from "./types";

const BASE = "/api/v1";
const TIMEOUT_MS = 20_000;

/** Learns the server's clock from each answer, so that signatures carry a time that the server accepts. */
let clockOffsetMs = 0;

/** The server's time as far as this client knows it. */
export const serverNow = (): Date => new Date(Date.now() + clockOffsetMs);

export const setServerTime = (rfc3339: string): void => {
  const at = Date.parse(rfc3339);
  if (Number.isFinite(at)) clockOffsetMs = at - Date.now();
};

export const api = {
  server: () => get<t.ServerInfo>("/server"),

  prelogin: (username: string) => post<t.Kdf>("/auth/prelogin", { username }),
  register: (body: t.RegisterBody) => post<t.LoginReply>("/auth/register", body),
  login: (username: string, proof: t.Proof) =>
    post<t.LoginReply>("/auth/login", { username, proof, session: "cookie" }),
  refresh: () => post<{ session: t.Session }>("/auth/refresh"),
  logout: () => post<void>("/auth/logout"),
  session: () => get<t.Session>("/auth/session"),
  sessions: () => get<t.SessionInfo[]>("/sessions"),
  revokeSession: (id: string) => send<{ revoked: number }>("DELETE", `/sessions/${id}`),
  revokeOtherSessions: () => send<{ revoked: number }>("DELETE", "/sessions", { query: { scope: "others" } }),

  user: (id: string) => get<t.Account>(`/users/${id}`),
  certificate: (fingerprint: string) => get<t.Account>(`/certificates/${fingerprint}`),
  presence: () => get<t.PresenceRow[]>("/presence"),

  rooms: () => get<t.Room[]>("/rooms"),
  createRoom: (body: {
    room_id: string;
    name: string;
    kind: t.RoomKind;
    admission: t.Admission;
    epoch: t.NewEpoch;
    grant: t.NewGrant;
  }) => post<t.Room>("/rooms", body),
  room: (room: string) => get<t.RoomKeys>(`/rooms/${room}`),
  members: (room: string, cursor?: string) => get<t.Page<t.Member>>(`/rooms/${room}/members`, { cursor, limit: 200 }),
  joinRoom: (room: string) => post<{ outcome: "member" | "requested" }>(`/rooms/${room}/join`),
  leaveRoom: (room: string) => post<void>(`/rooms/${room}/leave`),
  requests: (room: string) => get<t.JoinRequest[]>(`/rooms/${room}/requests`),
  decideRequest: (room: string, user: string, body: { approve: boolean; grants?: t.NewGrant[] }) =>
    post<void>(`/rooms/${room}/requests/${user}`, body),
  addGrants: (room: string, grants: t.NewGrant[]) => post<void>(`/rooms/${room}/grants`, { grants }),
  createInvite: (room: string, body: t.NewInvite) => post<unknown>(`/rooms/${room}/invites`, body),
  previewInvite: (invite: string, auth: string) => post<t.InvitePreview>(`/invites/${invite}/preview`, { auth }),
  redeemInvite: (invite: string, auth: string) => post<t.RedeemedInvite>(`/invites/${invite}/redeem`, { auth }),
  typing: (room: string) => post<void>(`/rooms/${room}/typing`),

  sendMessage: (room: string, body: t.MessageBody) =>
    send<t.AcceptedMessage>("POST", `/rooms/${room}/messages`, { body, headers: { "Idempotency-Key": body.cid } }),
  messages: (
    room: string,
    query: { before?: string; after?: string; order: "oldest_first" | "newest_first"; cursor?: string; limit: number },
  ) => get<t.MessagePage>(`/rooms/${room}/messages`, query),

  checkpoint: () => get<t.Checkpoint>("/audit/checkpoint"),
  proof: (id: string) => get<t.InclusionProof>(`/audit/proofs/${id}`),
  consistency: (from: number, to: number) => get<t.ConsistencyProof>("/audit/consistency", { from, to }),
};

type Query = Record<string, string | number | undefined>;

const get = <T>(path: string, query?: Query) => send<T>("GET", path, query ? { query } : {});
const post = <T>(path: string, body?: unknown) => send<T>("POST", path, { body });

async function send<T>(
  method: string,
  path: string,
  { query, body, headers }: { query?: Query; body?: unknown; headers?: Record<string, string> } = {},
): Promise<T> {
  const response = await request(`${BASE}${path}${search(query)}`, {
    method,
    headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const date = Date.parse(response.headers.get("Date") ?? "");
  // The header has whole seconds; half of one is the best guess.
  if (Number.isFinite(date)) clockOffsetMs = date + 500 - Date.now();
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw unreachable();
  }
}

async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    return await fetch(url, { ...init, credentials: "same-origin", cache: "no-store", signal });
  } catch {
    throw unreachable();
  }
}

function search(query: Query = {}): string {
  const given = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
  return given.length ? `?${new URLSearchParams(given).toString()}` : "";
}
