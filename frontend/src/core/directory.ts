import type { Key } from "openpgp/lightweight";
import { api } from "../api/client";
import { ApiError } from "../api/problems";
import type { Account } from "../api/types";
import { fromBase64 } from "./crypto/octets";
import { readCertificate } from "./crypto/profile";
import type { Pins } from "./pins";

/** An account whose certificate was read and checked. */
export interface Person {
  userId: string;
  username: string;
  key: Key;
}

export type DirectoryRefusal = "sender_unknown" | "sender_key_changed";

export type Found = { ok: true; person: Person } | { ok: false; refusal: DirectoryRefusal };

const PEOPLE_MAX = 5_000;

/** Certificates of other people, as far as this device takes them for theirs. */
export class Directory {
  #pins: Pins;
  #byFingerprint = new Map<string, Promise<Found>>();
  #names = new Map<string, string>();

  constructor(pins: Pins) {
    this.#pins = pins;
  }

  /** The person who owned a certificate; throws when the server cannot answer. */
  async byFingerprint(fingerprint: string, userId: string): Promise<Found> {
    let found = this.#byFingerprint.get(fingerprint);
    if (!found) {
      found = this.#checkPinned(
        () => api.certificate(fingerprint),
        async () => (await api.user(userId)).fingerprint,
      );
      this.#remember(fingerprint, found);
    }
    const answer = await found;
    return answer.ok && answer.person.userId !== userId ? { ok: false, refusal: "sender_unknown" } : answer;
  }

  /** The current certificate of an account; throws when the server cannot answer. */
  async byUser(userId: string): Promise<Found> {
    const found = await this.#checkPinned(() => api.user(userId));
    return found.ok && found.person.userId !== userId ? { ok: false, refusal: "sender_unknown" } : found;
  }

  /** A name to show, from memory where that is possible; undefined when the server does not know it. */
  async nameOf(userId: string): Promise<string | undefined> {
    const known = this.#names.get(userId);
    if (known !== undefined) return known;
    const found = await this.byUser(userId).catch(() => undefined);
    return found?.ok ? found.person.username : undefined;
  }

  /** The certificate that the server has for an account now, whether this device takes it for theirs or not. */
  async offered(userId: string): Promise<Found> {
    return this.#check(() => api.user(userId));
  }

  /** Looks again at what was refused. */
  forget(): void {
    this.#byFingerprint.clear();
  }

  async #checkPinned(ask: () => Promise<Account>, current?: () => Promise<string>): Promise<Found> {
    const found = await this.#check(ask);
    if (!found.ok) return found;
    const { userId, key } = found.person;
    const fingerprint = key.getFingerprint();
    const taken = await this.#pins.takes(userId, fingerprint, current ?? (async () => fingerprint));
    return taken ? found : { ok: false, refusal: "sender_key_changed" };
  }

  #remember(fingerprint: string, found: Promise<Found>): void {
    if (this.#byFingerprint.size >= PEOPLE_MAX) this.#byFingerprint.clear();
    this.#byFingerprint.set(fingerprint, found);
    found.catch(() => this.#byFingerprint.delete(fingerprint));
  }

  async #check(ask: () => Promise<Account>): Promise<Found> {
    let account: Account;
    try {
      account = await ask();
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return { ok: false, refusal: "sender_unknown" };
      throw error;
    }
    const key = await readCertificate(fromBase64(account.certificate)).catch(() => undefined);
    const [name, ...others] = key?.getUserIDs() ?? [];
    if (!key || key.getFingerprint() !== account.fingerprint || name !== account.username || others.length) {
      return { ok: false, refusal: "sender_unknown" };
    }
    if (this.#names.size >= PEOPLE_MAX) this.#names.clear();
    this.#names.set(account.user_id, account.username);
    return { ok: true, person: { userId: account.user_id, username: account.username, key } };
  }
}
