import { httpClient } from "./http";
import type {
  History,
  NewAttachment,
  NewDirect,
  NewEpoch,
  NewGrant,
  NewInvite,
  NewMessage,
  NewRoom,
  PasswordRequest,
  Proof,
  RegisterRequest,
} from "./types";

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

export const V1 = "/api/v1";
export const call = httpClient((response) => setServerTime(response.headers.get("Date") ?? ""));
const inRoom = (room: string) => ({ path: { room_id: room } });

/** The REST interface; every method throws an `ApiError` when it does not succeed. */
export const api = {
  server: () => call("get", `${V1}/server`, {}),

  prelogin: (username: string) => call("post", `${V1}/auth/prelogin`, { body: { username } }),
  register: (body: RegisterRequest) => call("post", `${V1}/auth/register`, { body }),
  login: (username: string, proof: Proof, session: "cookie" | "token" = "cookie", code?: string) =>
    call("post", `${V1}/auth/login`, { body: { username, proof, session, ...(code && { code }) } }),
  refresh: () => call("post", `${V1}/auth/refresh`, {}),
  logout: () => call("post", `${V1}/auth/logout`, {}),
  session: () => call("get", `${V1}/auth/session`, {}),
  sessions: () => call("get", `${V1}/sessions`, {}),
  revokeSession: (id: string) => call("delete", `${V1}/sessions/{session_id}`, { path: { session_id: id } }),
  revokeOtherSessions: () => call("delete", `${V1}/sessions`, { query: { scope: "others" } }),
  changePassword: (body: PasswordRequest) => call("put", `${V1}/account/password`, { body }),
  secondFactor: () => call("get", `${V1}/account/second-factor`, {}),
  beginSecondFactor: (proof: Proof) => call("post", `${V1}/account/second-factor`, { body: { proof } }),
  confirmSecondFactor: (code: string) => call("post", `${V1}/account/second-factor/confirmation`, { body: { code } }),
  removeSecondFactor: (proof: Proof, code: string | undefined) =>
    call("post", `${V1}/account/second-factor/removal`, { body: { proof, ...(code && { code }) } }),

  /** Some accounts whose name holds these letters. */
  usersNamed: (name: string, limit: number) => call("get", `${V1}/users`, { query: { name, limit } }),
  user: (id: string) => call("get", `${V1}/users/{user_id}`, { path: { user_id: id } }),
  certificate: (fingerprint: string) => call("get", `${V1}/certificates/{fingerprint}`, { path: { fingerprint } }),
  presence: () => call("get", `${V1}/presence`, {}),
  showPresence: (shown: boolean) => call("put", `${V1}/presence`, { body: { shown } }),

  rooms: () => call("get", `${V1}/rooms`, {}),
  createRoom: (body: NewRoom) => call("post", `${V1}/rooms`, { body }),
  openDirect: (user: string, body: NewDirect) =>
    call("put", `${V1}/direct/{user_id}`, { path: { user_id: user }, body }),
  room: (room: string) => call("get", `${V1}/rooms/{room_id}`, inRoom(room)),
  members: (room: string, cursor?: string) => {
    const query = cursor === undefined ? { limit: MEMBERS_PAGE } : { cursor, limit: MEMBERS_PAGE };
    return call("get", `${V1}/rooms/{room_id}/members`, { ...inRoom(room), query });
  },
  removeMember: (room: string, user: string) =>
    call("delete", `${V1}/rooms/{room_id}/members/{user_id}`, { path: { room_id: room, user_id: user } }),
  leaveRoom: (room: string) => call("post", `${V1}/rooms/{room_id}/leave`, inRoom(room)),
  joinRoom: (room: string) => call("post", `${V1}/rooms/{room_id}/join`, inRoom(room)),
  requests: (room: string) => call("get", `${V1}/rooms/{room_id}/requests`, inRoom(room)),
  decideRequest: (room: string, user: string, body: { approve: boolean; grants?: NewGrant[] }) =>
    call("post", `${V1}/rooms/{room_id}/requests/{user_id}`, { path: { room_id: room, user_id: user }, body }),
  openEpoch: (room: string, body: { epoch: NewEpoch; grants: NewGrant[] }) =>
    call("post", `${V1}/rooms/{room_id}/epochs`, { ...inRoom(room), body }),
  addGrants: (room: string, grants: NewGrant[]) =>
    call("post", `${V1}/rooms/{room_id}/grants`, { ...inRoom(room), body: { grants } }),
  invites: (room: string) => call("get", `${V1}/rooms/{room_id}/invites`, inRoom(room)),
  createInvite: (room: string, body: NewInvite) =>
    call("post", `${V1}/rooms/{room_id}/invites`, { ...inRoom(room), body }),
  revokeInvite: (room: string, invite: string) =>
    call("delete", `${V1}/rooms/{room_id}/invites/{invite_id}`, { path: { room_id: room, invite_id: invite } }),
  previewInvite: (invite: string, auth: string) =>
    call("post", `${V1}/invites/{invite_id}/preview`, { path: { invite_id: invite }, body: { auth } }),
  redeemInvite: (invite: string, auth: string) =>
    call("post", `${V1}/invites/{invite_id}/redeem`, { path: { invite_id: invite }, body: { auth } }),
  setHistory: (room: string, history: History) =>
    call("put", `${V1}/rooms/{room_id}/history`, { ...inRoom(room), body: { history } }),
  readMarkers: () => call("get", `${V1}/me/read-markers`, {}),
  setReadMarker: (room: string, sealed: string) =>
    call("put", `${V1}/rooms/{room_id}/read-marker`, { ...inRoom(room), body: { sealed } }),
  typing: (room: string) => call("post", `${V1}/rooms/{room_id}/typing`, inRoom(room)),

  sendMessage: (room: string, body: NewMessage) =>
    call("post", `${V1}/rooms/{room_id}/messages`, {
      ...inRoom(room),
      headers: { "Idempotency-Key": body.cid },
      body,
    }),
  messages: (
    room: string,
    query: { before?: string; after?: string; order: "oldest_first" | "newest_first"; limit: number },
  ) => call("get", `${V1}/rooms/{room_id}/messages`, { ...inRoom(room), query }),

  beginAttachment: (room: string, body: NewAttachment) =>
    call("post", `${V1}/rooms/{room_id}/attachments`, { ...inRoom(room), body }),
  completeAttachment: (room: string, attachment: string, sha256: string) =>
    call("put", `${V1}/rooms/{room_id}/attachments/{attachment_id}/completion`, {
      path: { room_id: room, attachment_id: attachment },
      body: { sha256 },
    }),
  dropAttachment: (room: string, attachment: string) =>
    call("delete", `${V1}/rooms/{room_id}/attachments/{attachment_id}`, {
      path: { room_id: room, attachment_id: attachment },
    }),

  /** With `witnessed`, the newest that all witnesses of the log have cosigned. */
  checkpoint: (witnessed = false) => call("get", `${V1}/audit/checkpoint`, { query: witnessed ? { witnessed } : {} }),
  proof: (id: string, caseId?: string, witnessed = false) =>
    call("get", `${V1}/audit/proofs/{id}`, {
      path: { id },
      query: { ...(caseId ? { case_id: caseId } : {}), ...(witnessed ? { witnessed } : {}) },
    }),
  accesses: (cursor?: string) => call("get", `${V1}/me/accesses`, { query: cursor === undefined ? {} : { cursor } }),
  consistency: (from: number, to: number) => call("get", `${V1}/audit/consistency`, { query: { from, to } }),
};
