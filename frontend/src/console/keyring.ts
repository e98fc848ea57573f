import { api } from "../api/client";
import type { Organisation } from "../api/types";
import { namedIn } from "../core/disclosure-recipients";
import { Told } from "../core/told";
import { msg } from "../shared/i18n";
import type { LoadedKey } from "./disclosure-client";

const nothing = (): undefined => undefined;
const NOT_OURS = msg("it is not encrypted to a compliance key that is loaded");

const MISSING = msg("it is encrypted to the compliance key {fingerprint}, which is not loaded");
const MISSING_BEFORE = msg(
  "it is encrypted to the compliance key {fingerprint}, which is not loaded; the server says that it came before those that are",
);

/** The keys that this page holds, each in its worker. */
export interface Keys {
  loaded: readonly LoadedKey[];
  /** One whose shares are coming in. */
  locked: LoadedKey | undefined;
}

export const NO_KEYS: Keys = { loaded: [], locked: undefined };

/** The compliance keys that are loaded: after a change of the key, messages of before need the old one. */
export class Keyring {
  readonly keys: readonly LoadedKey[];
  #organisation: Promise<Organisation> | undefined;

  constructor(keys: readonly LoadedKey[]) {
    this.keys = keys;
  }

  /** What the envelopes name that these open. */
  get recipients(): string[] {
    return this.keys.flatMap(({ recipient }) => recipient ?? []);
  }

  /** The one that an envelope is for. */
  keyFor(env: string): LoadedKey | undefined {
    const named = namedIn(env);
    return this.keys.find(({ recipient }) => recipient !== undefined && named.includes(recipient));
  }

  /** The session key of an envelope; throws why there is none. */
  async sessionKey(env: string): Promise<string> {
    const key = this.keyFor(env);
    if (key) return key.sessionKey(env);
    throw await this.missing(env);
  }

  /** Why no loaded key opens an envelope: which one it takes, if the organisation's keys say so. */
  async missing(env: string): Promise<Told> {
    const one = this.keys.find(({ dropped }) => !dropped);
    if (!one) return new Told(msg("no compliance key is loaded"));
    const atHand = this.keys.map(({ fingerprint }) => fingerprint);
    const named = await this.#known().then((organisation) => one.name(env, organisation, atHand), nothing);
    if (!named) return new Told(NOT_OURS);
    return new Told(named.signed ? MISSING : MISSING_BEFORE, { fingerprint: named.fingerprint });
  }

  /** Asked once: many messages of one query may lack the same key. */
  async #known(): Promise<Organisation> {
    this.#organisation ??= api.server().then(({ organisation }) => organisation);
    try {
      return await this.#organisation;
    } catch (error) {
      this.#organisation = undefined;
      throw error;
    }
  }
}
