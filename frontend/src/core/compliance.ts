import type { Key } from "openpgp/lightweight";
import { api, serverNow, setServerTime } from "../api/client";
import type { Organisation } from "../api/types";
import { type InviteLink, InviteLinkInvalid, invitePins } from "./crypto/invite";
import type { Octets } from "./crypto/octets";
import { subkeyFingerprint } from "./crypto/profile";
import { recipientsOf } from "./crypto/recipients";
import type { Compliance } from "./model";
import type { Store } from "./store/db";
import { type Step, chainOf } from "./succession";

const PIN = "compliance";

interface Pin {
  fingerprint: string;
  by: "invite" | "first_use";
}

/** The certificate that every message is also encrypted to; one that the pinned one did not lead to is never used. */
export class ComplianceCertificate {
  #onChange: (state: Compliance) => void;
  #state: Compliance = { state: "unknown" };
  #steps: Step[] = [];
  /** The place of the pin: what comes before it does not come back. */
  #pinned = 0;
  #store: Store | undefined;

  constructor(onChange: (state: Compliance) => void) {
    this.#onChange = onChange;
  }

  get state(): Compliance {
    return this.#state;
  }

  /** The certificate in force; throws a sentence for people when there is none. */
  get key(): Key {
    if (this.#state.state === "changed")
      throw new Error("The organisation's compliance key changed. Sending is paused.");
    const step = this.#steps[Math.max(this.#pinned, inForce(this.#steps))];
    if (!step) throw new Error("The organisation has no compliance key yet, so nothing can be sent.");
    return step.key;
  }

  /** The one that an envelope is for, however old it is; else the one in force, by which it is refused. */
  keyOf(env: Octets): Key {
    const current = this.key;
    const named = recipientsOf(env);
    return this.#steps.find(({ key }) => named.includes(subkeyFingerprint(key)))?.key ?? current;
  }

  /** Takes what the server offers, if the pin leads to it or there was none. */
  async adopt(organisation: Organisation, store: Store, link: InviteLink | undefined): Promise<void> {
    this.#store = store;
    const offered = organisation.compliance;
    if (!offered) return;
    const steps = await chainOf(organisation).catch(() => []);
    const current = inForce(steps);
    const first = link ? steps.findIndex(({ fingerprint }) => invitePins(link, fingerprint)) : current;
    if (link && (first < 0 || first > current)) throw new InviteLinkInvalid(MISMATCH);
    const pin = (await store.meta.get<Pin>(PIN)) ?? {
      fingerprint: steps[first]?.fingerprint ?? offered.fingerprint,
      by: link ? ("invite" as const) : ("first_use" as const),
    };
    const pinned = steps.findIndex(({ fingerprint }) => fingerprint === pin.fingerprint);
    if (pinned < 0) {
      this.#become({ state: "changed", pinned: pin.fingerprint, offered: offered.fingerprint });
      return;
    }
    this.#pinned = Math.max(pinned, current);
    this.#steps = steps;
    const fingerprint = steps[this.#pinned]?.fingerprint ?? pin.fingerprint;
    const kept: Pin = { fingerprint, by: link ? "invite" : pin.by };
    await store.meta.put(PIN, kept);
    this.#become({
      state: "pinned",
      ...kept,
      chain: steps.map((step) => ({ fingerprint: step.fingerprint, from: step.from })),
    });
  }

  /** Asks the server again. */
  async refresh(): Promise<void> {
    if (!this.#store) return;
    const { organisation, time } = await api.server();
    setServerTime(time);
    await this.adopt(organisation, this.#store, undefined);
  }

  #become(state: Compliance): void {
    this.#state = state;
    this.#onChange(state);
  }
}

/** The place of the last one whose time has come. */
const inForce = (steps: Step[]): number => steps.findLastIndex(({ from }) => from <= serverNow().getTime());

const MISMATCH =
  "The server offers another compliance key than the one the invite link was made for. Do not go on: ask whoever sent you the link.";
