import type { Admission, NewSecondFactor, Role, RoomKind, SecondFactor } from "../api/types";
import type { Content, FileRef } from "./crypto/content";
import type { MessageRefusal } from "./crypto/message";
import type { Octets } from "./crypto/octets";
import type { Connection } from "./stream/reader";

/** What crosses from the session core to the tabs: no key, no locked key, no derived secret. */

/** Whether somebody is signed in, and whether the keys are open. */
export type AuthState =
  | { phase: "starting" }
  | { phase: "unreachable"; message: string; code?: string }
  | { phase: "signed_out"; notice?: string }
  /** The session is alive, but the keys are gone from memory: the password opens them again. */
  | { phase: "locked"; username: string; why: "reload" | "asked" }
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
  | { state: "pinned"; fingerprint: string; by: "invite" | "first_use"; chain: ComplianceStep[] }
  | { state: "changed"; pinned: string; offered: string };

/** A compliance key of the organisation, and from when messages are encrypted to it: 0 of the first one. */
export interface ComplianceStep {
  fingerprint: string;
  from: number;
}

/** Whether the audit log has only ever grown, as far as this client has checked. */
export type LogState =
  | { state: "unchecked" }
  /** `witnesses`: how many keys that this device requires have cosigned it. */
  | { state: "consistent"; size: number; witnesses: number }
  /** It may be right: the witnesses named have not vouched for it, and this device requires them. */
  | { state: "unwitnessed"; missing: string[] }
  /** `who`: the sender who saw another log, where it is that. */
  | { state: "broken"; why: string; who?: string };

/** Somebody's key is another one than this device knew. */
export interface KeyChange {
  userId: string;
  username: string;
  at: number;
  /** The key before had been compared with the person, so nothing is sent where they are until it is settled. */
  verified: boolean;
}

/** What this browser has proven of a message: the log holds it, at this place, under this checkpoint. */
export interface Proven {
  leafIndex: number;
  /** Leaves that the checkpoint covers, and its root in base64. */
  size: number;
  root: string;
  /** Hashes between the message's leaf and the root. */
  steps: number;
  /** The witnesses that this device requires, and whose cosignatures the checkpoint has. */
  witnesses?: string[];
  /** When it was checked here. */
  at: number;
}

export interface CoreState {
  auth: AuthState;
  connection: Connection;
  compliance: Compliance;
  log: LogState;
  keyChanges: KeyChange[];
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

/** The message that another one answers; `text` is absent while it is not in the window. */
export interface Quote {
  key: string;
  senderName?: string;
  text?: string;
}

/** A file beside a message, as tabs know it: what opens it stays in the core. */
export type FileInfo = Pick<FileRef, "id" | "name" | "type" | "size" | "w" | "h">;

export type Body =
  | { kind: "text"; text: string; mentions: string[]; quote?: Quote; editedAt?: number; files?: FileInfo[] }
  /** Taken back by its author; the audit log keeps it. */
  | { kind: "deleted" }
  | { kind: "unreadable"; reason: UnreadableReason };

/** How far an own message has come. */
export type Delivery =
  | { state: "queued" }
  | { state: "sending" }
  /** `code` is the server's refusal, when it was the server. */
  | { state: "failed"; problem: string; code?: string }
  /** Durable: the server answered with its identity. */
  | { state: "accepted" }
  /** This client verified the proof that the audit log holds it. */
  | { state: "logged" };

export interface Reaction {
  emoji: string;
  names: string[];
  mine: boolean;
}

/** An own edit, deletion or reaction that is not accepted yet. */
export interface PendingChange {
  key: string;
  kind: "edit" | "delete" | "react";
  delivery: Delivery;
}

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
  /** Whether it names the person who is signed in. */
  mentionsMe?: boolean;
  reactions?: Reaction[];
  pending?: PendingChange[];
  /** Of own messages. */
  delivery?: Delivery;
}

export type TimelineStatus =
  | { state: "loading" }
  | { state: "ready" }
  | { state: "no_key" }
  | { state: "failed"; message: string; code: string };

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

/** What somebody has not read in a room. */
export interface Unread {
  count: number;
  mentions: number;
  /** The newest message that was read; whatever is newer is new. */
  readUpTo: string | undefined;
  /** The newest that is counted. */
  newest: string | undefined;
}

/** What the core tells every tab. */
export type Push =
  | { push: "state"; state: CoreState }
  | { push: "timeline"; change: TimelineChange }
  | { push: "presence"; entries: PresenceEntry[] }
  | { push: "typing"; userId: string; username: string; roomId: string }
  /** Something about a room is worth reading again. */
  | { push: "room"; roomId: string; change: string }
  | { push: "unread"; roomId: string; unread: Unread }
  /** How far a file has come, up or down, in octets. */
  | { push: "transfer"; id: string; done: number; total: number };

export interface Credentials {
  username: string;
  secret: { kind: "password" | "recovery"; text: string };
  /** Of an authenticator app, when the server has asked for one. */
  code?: string | undefined;
}

export interface InvitePreviewInfo {
  roomId: string;
  roomName: string;
  expiresAt: string;
}

/** What changing a room's key came to. */
export interface Rotation {
  epoch: number;
  /** Members whose certificate did not check out: they did not get the key. */
  left: string[];
}

/** Another person's key, and what this device knows of it. */
export interface PersonKey {
  username: string;
  fingerprint: string;
  /** The same on both sides; two people compare them aloud. */
  words: string[];
  /** When this device's owner compared them. */
  verifiedAt: number | undefined;
  /** When it took the place of another one, while that is not settled; and which one that was. */
  changedAt: number | undefined;
  before: string | undefined;
}

/** When the recovery key was last typed on this device and worked, and how often it was. */
export interface RecoveryHealth {
  checkedAt: number | undefined;
  checks: number;
}

/** What of a room's past this person can read, and what newcomers get. */
export interface RoomKeysInfo {
  epoch: number;
  openedAt: string;
  /** Epochs whose key this person holds. */
  held: number[];
}

export interface SearchHit {
  key: string;
  id: string;
  roomId: string;
  senderName: string;
  at: number;
  text: string;
}

export interface SearchResult {
  hits: SearchHit[];
  /** How many messages were searched, and since when. */
  searched: number;
  since: number | undefined;
}

/** A file that goes up. */
export interface Upload {
  id: string;
  file: File;
  w?: number;
  h?: number;
}

/** Where a jump leads: to a message, or to the first one of a day. */
export type JumpTo = { key: string } | { id: string } | { at: number };

/** What a tab may ask of the core. */
export interface CoreApi {
  watch(): Promise<{ state: CoreState; presence: PresenceEntry[]; unread: Record<string, Unread> }>;
  /** Finds out whether a session lives; with `mayRestore`, a key that this device kept opens it. */
  start(mayRestore: boolean): Promise<void>;
  beginRegistration(): Promise<string>;
  confirmRecoveryKey(typed: string): Promise<void>;
  register(form: {
    username: string;
    password: string;
    inviteLink: string | undefined;
  }): Promise<{ roomId: string | undefined }>;
  login(credentials: Credentials): Promise<void>;
  logout(): Promise<void>;
  /** Forgets the keys in every tab; the session stays. */
  lock(): Promise<void>;
  changePassword(form: { current: Credentials["secret"]; next: string }): Promise<{ ended: number }>;
  /** Draws a key for an authenticator app; its first code puts it into force. */
  beginSecondFactor(secret: Credentials["secret"]): Promise<NewSecondFactor>;
  removeSecondFactor(secret: Credentials["secret"], code: string | undefined): Promise<SecondFactor>;
  /** Whether the typed recovery key really opens this account's key, asked of the server. */
  checkRecoveryKey(typed: string): Promise<void>;
  recoveryHealth(): Promise<RecoveryHealth>;
  /** Whether the open key outlives a reload on this device. */
  keepsKey(): Promise<boolean>;
  setKeepsKey(keep: boolean): Promise<void>;
  previewInvite(link: string): Promise<InvitePreviewInfo>;
  redeemInvite(link: string): Promise<{ roomId: string }>;
  createRoom(form: { name: string; kind: RoomKind; admission: Admission }): Promise<{ roomId: string }>;
  /** The conversation with one person, made if there is none. */
  openDirect(userId: string): Promise<{ roomId: string }>;
  createInviteLink(roomId: string, terms: { days: number; uses: number }): Promise<string>;
  decideRequest(roomId: string, userId: string, decision: { approve: boolean; history: boolean }): Promise<void>;
  removeMember(roomId: string, userId: string): Promise<Rotation>;
  rotateKey(roomId: string): Promise<Rotation>;
  /** Hands all keys of the room that this person holds to a member. */
  shareHistory(roomId: string, userId: string): Promise<{ epochs: number }>;
  roomKeys(roomId: string): Promise<RoomKeysInfo>;
  personKey(userId: string): Promise<PersonKey>;
  /** Notes that the key with this fingerprint was compared with its owner; without one, that none was. */
  setVerified(userId: string, fingerprint: string | undefined): Promise<void>;
  /** Takes a changed key for theirs. */
  settleKeyChange(userId: string): Promise<void>;
  openRoom(roomId: string): Promise<void>;
  loadOlder(roomId: string): Promise<void>;
  /** Loads back to a place in the past; gives the key of the message there, when there is one. */
  jump(roomId: string, to: JumpTo): Promise<string | undefined>;
  /** Proves that the audit log holds a message, or says what was proven before. */
  prove(roomId: string, key: string): Promise<Proven>;
  /** Notes how far somebody has read; with `share`, the account's other devices hear of it. */
  markRead(roomId: string, id: string, share: boolean): Promise<void>;
  /** The verifier keys of witnesses without whose cosignature this device believes no checkpoint. */
  witnesses(): Promise<string[]>;
  setWitnesses(vkeys: string[]): Promise<void>;
  /** Sends what one wrote, with files that were uploaded before. */
  send(roomId: string, content: Content, uploads?: string[]): Promise<void>;
  /** Encrypts a file and uploads it, to go with a message later; ends when all of it is there. */
  upload(roomId: string, file: Upload): Promise<void>;
  /** Fetches and opens a file of a message; `ticket` is what this asker can stop it by. */
  openFile(roomId: string, key: string, fileId: string, ticket: string): Promise<Blob>;
  /** Stops an upload by its id or a download by its ticket, and forgets what was uploaded for nothing. */
  cancelTransfer(id: string): Promise<void>;
  retry(roomId: string, key: string): Promise<void>;
  discard(roomId: string, key: string): Promise<void>;
  draft(roomId: string): Promise<string>;
  saveDraft(roomId: string, text: string): Promise<void>;
  search(words: string, roomId: string | undefined): Promise<SearchResult>;
  typing(roomId: string): Promise<void>;
  /** Signs the manifest of an export as the account that made it; this key signs nothing else under that name. */
  signExport(manifest: Octets, at: Date): Promise<Octets>;
  /** Whether others see when this person is there, on whatever device. */
  showPresence(shown: boolean): Promise<void>;
  wake(immediately: boolean): Promise<void>;
}

export type CoreMethod = keyof CoreApi;
