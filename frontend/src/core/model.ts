import type { Role, RoomKind, Admission } from "../api/types";
import type { MessageRefusal } from "./crypto/message";
import type { Connection } from "./stream/reader";

/** What crosses from the session core to the tabs: no key, no locked key, no derived secret. */

/** Whether somebody is signed in, and whether the keys are open. */
export type AuthState =
  | { phase: "starting" }
  | { phase: "unreachable"; message: string }
  | { phase: "signed_out"; notice?: string }
  /** The session is alive, but the keys are gone from memory: the password opens them again. */
  | { phase: "locked"; username: string }
  | { phase: "ready"; account: Me; lobby: string | undefined };

export interface Me {
  userId: string;
  username: string;
  role: Role;
  fingerprint: string;
}

/** What this client believes about the organisation's compliance certificate. */
export type Compliance =
  | { state: "unknown" }
  /** `invite`: an invite link spelled its fingerprint; `first_use`: taken from the server the first time. */
  | { state: "pinned"; fingerprint: string; by: "invite" | "first_use" }
  | { state: "changed"; pinned: string; offered: string };

/** Whether the audit log has only ever grown, as far as this client has checked. */
export type LogState =
  | { state: "unchecked" }
  | { state: "consistent"; size: number }
  | { state: "broken"; why: string };

export interface CoreState {
  auth: AuthState;
  connection: Connection;
  compliance: Compliance;
  log: LogState;
}

/** Why a message is shown without its text. */
export type UnreadableReason =
  | MessageRefusal
  | "no_key"
  | "sender_unknown"
  | "sender_key_changed"
  | "malformed"
  /** The server could not be asked yet; it is read again by itself. */
  | "waiting";

export type Body = { kind: "text"; text: string } | { kind: "unreadable"; reason: UnreadableReason };

/** How far an own message has come. */
export type Delivery =
  | { state: "queued" }
  | { state: "sending" }
  | { state: "failed"; problem: string }
  /** Durable: the server answered with its identity. */
  | { state: "accepted" }
  /** This client verified the proof that the audit log holds it. */
  | { state: "logged" };

export interface TimelineItem {
  /** Sender and client message id: stable from the key press to the log. */
  key: string;
  /** The server's identity; absent until it is accepted. */
  id?: string;
  sender: string;
  senderName: string;
  at: number;
  mine: boolean;
  body: Body;
  /** Of own messages. */
  delivery?: Delivery;
}

export type TimelineStatus =
  | { state: "loading" }
  | { state: "ready" }
  | { state: "no_key" }
  | { state: "failed"; message: string };

/** A change of one room's timeline. `reset` replaces everything that the tab had. */
export interface TimelineChange {
  roomId: string;
  reset: boolean;
  upserts: TimelineItem[];
  removed: string[];
  hasOlder: boolean;
  status: TimelineStatus;
}

export interface PresenceEntry {
  userId: string;
  online: boolean;
  at: string;
}

/** What the core tells every tab. */
export type Push =
  | { push: "state"; state: CoreState }
  | { push: "timeline"; change: TimelineChange }
  | { push: "presence"; entries: PresenceEntry[] }
  | { push: "typing"; userId: string; username: string; roomId: string }
  /** Something about a room is worth reading again. */
  | { push: "room"; roomId: string; change: string }
  /** A message of somebody else arrived. */
  | { push: "activity"; roomId: string };

export interface Credentials {
  username: string;
  secret: { kind: "password" | "recovery"; text: string };
}

export interface InvitePreviewInfo {
  roomId: string;
  roomName: string;
  expiresAt: string;
}

/** What a tab may ask of the core. */
export interface CoreApi {
  watch(): Promise<{ state: CoreState; presence: PresenceEntry[] }>;
  retryStart(): Promise<void>;
  beginRegistration(): Promise<string>;
  confirmRecoveryKey(typed: string): Promise<void>;
  register(form: {
    username: string;
    password: string;
    inviteLink: string | undefined;
  }): Promise<{ roomId: string | undefined }>;
  login(credentials: Credentials): Promise<void>;
  logout(): Promise<void>;
  previewInvite(link: string): Promise<InvitePreviewInfo>;
  redeemInvite(link: string): Promise<{ roomId: string }>;
  createRoom(form: { name: string; kind: RoomKind; admission: Admission }): Promise<{ roomId: string }>;
  createInviteLink(roomId: string, terms: { days: number; uses: number }): Promise<string>;
  decideRequest(roomId: string, userId: string, approve: boolean): Promise<void>;
  openRoom(roomId: string): Promise<void>;
  loadOlder(roomId: string): Promise<void>;
  send(roomId: string, text: string): Promise<void>;
  retry(roomId: string, key: string): Promise<void>;
  discard(roomId: string, key: string): Promise<void>;
  typing(roomId: string): Promise<void>;
  wake(immediately: boolean): Promise<void>;
}

export type CoreMethod = keyof CoreApi;
