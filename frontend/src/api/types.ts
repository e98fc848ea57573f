/** Bodies of the REST surface. Octets travel as standard base64, times as RFC 3339, ids as text. */

export type Role = "member" | "admin" | "auditor";
export type RoomKind = "lobby" | "public" | "private";
export type Admission = "invite" | "approval";
export type RoomRole = "admin" | "member";

export interface Kdf {
  m_kib: number;
  t: number;
  p: number;
  salt: string;
}

export interface Certificate {
  fingerprint: string;
  certificate: string;
}

export interface Organisation {
  compliance?: Certificate | null;
  lobby?: string | null;
}

export interface ServerInfo {
  version: string;
  registration: "open" | "invite";
  organisation: Organisation;
  time: string;
}

export interface Account {
  user_id: string;
  username: string;
  role: Role;
  fingerprint: string;
  certificate: string;
  created_at: string;
}

export interface Session {
  session_id: string;
  user_id: string;
  username: string;
  role: Role;
  fingerprint: string;
  expires_at: string;
}

export interface LoginReply {
  session: Session;
  account: Account;
  locked_key: string;
}

export interface SessionInfo {
  session_id: string;
  device: string;
  address: string;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  current: boolean;
}

export type Proof = { kind: "password"; auth: string } | { kind: "recovery"; auth: string };

export interface RegisterBody {
  username: string;
  auth: string;
  kdf: Kdf;
  certificate: string;
  locked_key: string;
  recovery: { auth: string; locked_key: string };
  invite?: { invite_id: string; auth: string };
  session: "cookie";
}

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

export interface NewEpoch {
  epoch: number;
  cert: string;
  blob: string;
  prev_fp?: string;
  sig: string;
}

export interface Epoch {
  epoch: number;
  fingerprint: string;
  cert: string;
  blob: string;
  prev_fp?: string | null;
  sig: string;
  opened_by: string;
  opener_fp: string;
  opened_at: string;
}

export interface NewGrant {
  epoch: number;
  to: string;
  to_fp: string;
  pkesk: string;
  sig: string;
}

export interface Grant extends NewGrant {
  granted_by: string;
  granter_fp: string;
  granted_at: string;
}

export interface Room {
  room_id: string;
  name: string;
  kind: RoomKind;
  admission: Admission;
  epoch: number;
  member_count: number;
  role?: RoomRole | null;
  granted: boolean;
  requested: boolean;
  created_at: string;
}

export interface RoomKeys {
  room: Room;
  epochs: Epoch[];
  grants: Grant[];
}

export interface Member {
  user_id: string;
  username: string;
  role: RoomRole;
  joined_at: string;
  granted: boolean;
}

export interface JoinRequest {
  user_id: string;
  username: string;
  requested_at: string;
}

export interface NewInvite {
  invite_id: string;
  auth_hash: string;
  locked: string;
  epoch: number;
  expires_at: string;
  uses_max: number;
}

export interface InvitePreview {
  room_id: string;
  room_name: string;
  expires_at: string;
}

export interface RedeemedInvite {
  room: Room;
  epoch: Epoch;
  locked: string;
}

export interface MessageBody {
  cid: string;
  epoch: number;
  env: string;
  sig: string;
}

export interface AcceptedMessage {
  id: string;
  cid: string;
  accepted_at: string;
}

/** A message as the stream and the history carry it. */
export interface Envelope {
  id: string;
  room_id: string;
  cid: string;
  sender: string;
  sender_fp: string;
  epoch: number;
  env: string;
  sig: string;
  accepted_at: string;
}

export interface MessagePage {
  items: Envelope[];
  next_cursor?: string | null;
  stored_up_to?: string | null;
}

export interface PresenceRow {
  user_id: string;
  state: "online" | "offline";
  last_seen: string;
}

export interface Checkpoint {
  size: number;
  root: string;
  note: string;
  vkey: string;
  covers?: string | null;
}

export interface InclusionProof {
  leaf_index: number;
  leaf: string;
  path: string[];
  checkpoint: Checkpoint;
}

export interface ConsistencyProof {
  from: number;
  to: number;
  path: string[];
}
