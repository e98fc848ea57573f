import createClient from "openapi-fetch";
import { problemOf, unreachable } from "./problems";
import type { paths } from "./schema";
import type { NewGrant, NewInvite, NewMessage, NewRoom, Proof, RegisterRequest } from "./types";

const TIMEOUT_MS = 20_000;
const MEMBERS_PAGE = 200;

/** How far the server's clock is ahead: signatures must carry a time that the server accepts. */
let clockOffsetMs = 0;
/** Smaller differences are the network's and the header's, and would make the clock jump to and fro. */
const CLOCK_TOLERANCE_MS = 2_000;

/** The server's time as far as this client knows it. */
export const serverNow = (): Date => new Date(Date.now() + clockOffsetMs);

export function setServerTime(rfc3339: string): void {
  const offset = Date.parse(rfc3339) - Date.now();
  if (Math.abs(offset - clockOffsetMs) > CLOCK_TOLERANCE_MS) clockOffsetMs = offset;
}

const http = createClient<paths>({
  baseUrl: location.origin,
  fetch: request,
  credentials: "same-origin",
  cache: "no-store",
});

const V1 = "/api/v1";
const inRoom = (room: string) => ({ params: { path: { room_id: room } } });

/** The REST interface; every method throws an `ApiError` when it does not succeed. */
export const api = {
  server: () => data(http.GET(`${V1}/server`)),

  prelogin: (username: string) => data(http.POST(`${V1}/auth/prelogin`, { body: { username } })),
  register: (body: RegisterRequest) => data(http.POST(`${V1}/auth/register`, { body })),
  login: (username: string, proof: Proof) =>
    data(http.POST(`${V1}/auth/login`, { body: { username, proof, session: "cookie" } })),
  refresh: () => data(http.POST(`${V1}/auth/refresh`)),
  logout: () => nothing(http.POST(`${V1}/auth/logout`)),
  session: () => data(http.GET(`${V1}/auth/session`)),
  sessions: () => data(http.GET(`${V1}/sessions`)),
  revokeSession: (id: string) =>
    data(http.DELETE(`${V1}/sessions/{session_id}`, { params: { path: { session_id: id } } })),
  revokeOtherSessions: () => data(http.DELETE(`${V1}/sessions`, { params: { query: { scope: "others" } } })),

  user: (id: string) => data(http.GET(`${V1}/users/{user_id}`, { params: { path: { user_id: id } } })),
  certificate: (fingerprint: string) =>
    data(http.GET(`${V1}/certificates/{fingerprint}`, { params: { path: { fingerprint } } })),
  presence: () => data(http.GET(`${V1}/presence`)),

  rooms: () => data(http.GET(`${V1}/rooms`)),
  createRoom: (body: NewRoom) => data(http.POST(`${V1}/rooms`, { body })),
  room: (room: string) => data(http.GET(`${V1}/rooms/{room_id}`, inRoom(room))),
  members: (room: string, cursor?: string) => {
    const query = cursor === undefined ? { limit: MEMBERS_PAGE } : { cursor, limit: MEMBERS_PAGE };
    return data(http.GET(`${V1}/rooms/{room_id}/members`, { params: { path: { room_id: room }, query } }));
  },
  joinRoom: (room: string) => data(http.POST(`${V1}/rooms/{room_id}/join`, inRoom(room))),
  requests: (room: string) => data(http.GET(`${V1}/rooms/{room_id}/requests`, inRoom(room))),
  decideRequest: (room: string, user: string, body: { approve: boolean; grants?: NewGrant[] }) =>
    nothing(
      http.POST(`${V1}/rooms/{room_id}/requests/{user_id}`, {
        params: { path: { room_id: room, user_id: user } },
        body,
      }),
    ),
  addGrants: (room: string, grants: NewGrant[]) =>
    nothing(http.POST(`${V1}/rooms/{room_id}/grants`, { ...inRoom(room), body: { grants } })),
  createInvite: (room: string, body: NewInvite) =>
    data(http.POST(`${V1}/rooms/{room_id}/invites`, { ...inRoom(room), body })),
  previewInvite: (invite: string, auth: string) =>
    data(http.POST(`${V1}/invites/{invite_id}/preview`, { params: { path: { invite_id: invite } }, body: { auth } })),
  redeemInvite: (invite: string, auth: string) =>
    data(http.POST(`${V1}/invites/{invite_id}/redeem`, { params: { path: { invite_id: invite } }, body: { auth } })),
  typing: (room: string) => nothing(http.POST(`${V1}/rooms/{room_id}/typing`, inRoom(room))),

  sendMessage: (room: string, body: NewMessage) =>
    data(
      http.POST(`${V1}/rooms/{room_id}/messages`, {
        params: { path: { room_id: room }, header: { "Idempotency-Key": body.cid } },
        body,
      }),
    ),
  messages: (
    room: string,
    query: { before?: string; after?: string; order: "oldest_first" | "newest_first"; limit: number },
  ) => data(http.GET(`${V1}/rooms/{room_id}/messages`, { params: { path: { room_id: room }, query } })),

  checkpoint: () => data(http.GET(`${V1}/audit/checkpoint`)),
  proof: (id: string) => data(http.GET(`${V1}/audit/proofs/{id}`, { params: { path: { id } } })),
  consistency: (from: number, to: number) =>
    data(http.GET(`${V1}/audit/consistency`, { params: { query: { from, to } } })),
};

async function data<T>(reply: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await reply;
  if (data === undefined || data === null) throw unreachable();
  return data;
}

async function nothing(reply: Promise<unknown>): Promise<void> {
  await reply;
}

/** One request: bounded in time, and an error unless the server says that it did it. */
async function request(input: Request): Promise<Response> {
  const response = await answer(input);
  setServerTime(response.headers.get("Date") ?? "");
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function answer(input: Request): Promise<Response> {
  try {
    return await fetch(new Request(input, { signal: AbortSignal.timeout(TIMEOUT_MS) }));
  } catch {
    throw unreachable();
  }
}
