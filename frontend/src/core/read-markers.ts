import type { PrivateKey } from "openpgp/lightweight";
import { api } from "../api/client";
import { localKeyOf } from "./crypto/local";
import { type Octets, concat, fromBase64, fromUtf8, random, toBase64, utf8 } from "./crypto/octets";

const DOMAIN = "sealcast/local/v1/read";
const NONCE_OCTETS = 12;
/** All markers are of one length, so that it says nothing. */
const ID_OCTETS = 32;
/** What is read within this time travels as one. */
const SPREAD_MS = 2_000;

/** How far somebody has read, told to the own other devices: the server keeps what only they can open. */
export class ReadMarkers {
  #key: Promise<CryptoKey>;
  #due = new Map<string, { id: string; timer: ReturnType<typeof setTimeout> }>();

  constructor(key: PrivateKey) {
    this.#key = localKeyOf(key, DOMAIN);
  }

  /** Tells the others soon; what a failure loses, the next message read makes good. */
  share(roomId: string, id: string): void {
    const due = this.#due.get(roomId);
    if (due) due.id = id;
    else
      this.#due.set(roomId, { id, timer: setTimeout(() => void this.#put(roomId).catch(() => undefined), SPREAD_MS) });
  }

  /** What the own devices have told. */
  async all(): Promise<Map<string, string>> {
    const told = new Map<string, string>();
    for (const { room_id, sealed } of await api.readMarkers()) {
      const id = await this.open(room_id, sealed);
      if (id !== undefined) told.set(room_id, id);
    }
    return told;
  }

  /** The message of a marker, if it is one of this account's for this room. */
  async open(roomId: string, sealed: string): Promise<string | undefined> {
    try {
      const octets = fromBase64(sealed);
      const parameters = { name: "AES-GCM", iv: octets.slice(0, NONCE_OCTETS), additionalData: additional(roomId) };
      const padded = await crypto.subtle.decrypt(parameters, await this.#key, octets.slice(NONCE_OCTETS));
      return fromUtf8(new Uint8Array(padded)).trimEnd();
    } catch {
      return undefined;
    }
  }

  async seal(roomId: string, id: string): Promise<string> {
    const iv = random(NONCE_OCTETS);
    const parameters = { name: "AES-GCM", iv, additionalData: additional(roomId) };
    const sealed = await crypto.subtle.encrypt(parameters, await this.#key, utf8(id.padEnd(ID_OCTETS)));
    return toBase64(concat(iv, new Uint8Array(sealed)));
  }

  stop(): void {
    for (const { timer } of this.#due.values()) clearTimeout(timer);
  }

  async #put(roomId: string): Promise<void> {
    const due = this.#due.get(roomId);
    this.#due.delete(roomId);
    if (due) await api.setReadMarker(roomId, await this.seal(roomId, due.id));
  }
}

const additional = (roomId: string): Octets => utf8(`sealcast/v1/read\nroom=${roomId}\n`);
