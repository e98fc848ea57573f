import type { Pin, Store } from "./store/db";

const PAST_MAX = 20;

/**
 * Which key this device takes for an account's: the first one that it saw, until it changes. A change is taken and
 * told, unless the person had been verified: then nothing goes on until the owner of this device has decided.
 */
export class Pins {
  #store: Store;
  #onChange: () => void;
  #turns = new Map<string, Promise<unknown>>();

  constructor(store: Store, onChange: () => void) {
    this.#store = store;
    this.#onChange = onChange;
  }

  /** Whether a key is theirs as far as this device can tell; `current` asks the server for their newest. */
  takes(userId: string, fingerprint: string, current: () => Promise<string>): Promise<boolean> {
    return this.#inTurn(userId, () => this.#judge(userId, fingerprint, current));
  }

  /** One at a time: two messages of one person must not both be the first, and nothing is written over. */
  #inTurn<T>(userId: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(userId) ?? Promise.resolve()).catch(() => undefined).then(work);
    this.#turns.set(userId, turn);
    const done = () => this.#turns.get(userId) === turn && this.#turns.delete(userId);
    turn.then(done, done);
    return turn;
  }

  /** Changes that the owner of this device has not settled. */
  async unsettled(): Promise<Pin[]> {
    return (await this.#store.pins.all()).filter(({ changed_at }) => changed_at !== undefined);
  }

  /** Takes a changed key for theirs, or notes that the change was seen. */
  settle(userId: string): Promise<void> {
    return this.#inTurn(userId, () => this.#settle(userId));
  }

  async #settle(userId: string): Promise<void> {
    const pin = await this.#store.pins.get(userId);
    if (!pin) return;
    const { changed_at: _, offered, ...rest } = pin;
    await this.#store.pins.put(offered === undefined ? rest : succeeding(pin, offered));
    this.#onChange();
  }

  /** Notes that the owner of this device compared the key with the person, or takes that back. */
  verify(userId: string, fingerprint: string, at: number | undefined): Promise<void> {
    return this.#inTurn(userId, () => this.#verify(userId, fingerprint, at));
  }

  async #verify(userId: string, fingerprint: string, at: number | undefined): Promise<void> {
    const pin = await this.#store.pins.get(userId);
    if (pin?.offered === fingerprint || pin?.changed_at !== undefined) await this.#settle(userId);
    const settled = (await this.#store.pins.get(userId)) ?? { user_id: userId, fingerprint };
    const { verified_at: _, ...rest } = settled;
    await this.#store.pins.put(at === undefined ? rest : { ...rest, fingerprint, verified_at: at });
  }

  async #judge(userId: string, fingerprint: string, current: () => Promise<string>): Promise<boolean> {
    const pin = await this.#store.pins.get(userId);
    if (!pin) await this.#store.pins.put({ user_id: userId, fingerprint });
    if (!pin || fingerprint === pin.fingerprint || pin.past?.includes(fingerprint)) return true;
    const verified = pin.verified_at !== undefined;
    if ((await current()) !== fingerprint) {
      // A key of theirs from before this device knew them, as the server says: told like a change, and not taken at all of
      // whoever was verified.
      if (verified) return false;
      const past = [...(pin.past ?? []), fingerprint].slice(-PAST_MAX);
      await this.#store.pins.put({ ...pin, past, changed_at: Date.now() });
      this.#onChange();
      return true;
    }
    if (verified && pin.offered === fingerprint) return false;
    const changed_at = Date.now();
    await this.#store.pins.put(
      verified ? { ...pin, offered: fingerprint, changed_at } : { ...succeeding(pin, fingerprint), changed_at },
    );
    this.#onChange();
    return !verified;
  }
}

const succeeding = (pin: Pin, fingerprint: string): Pin => ({
  user_id: pin.user_id,
  fingerprint,
  past: [...(pin.past ?? []), pin.fingerprint].slice(-PAST_MAX),
});
