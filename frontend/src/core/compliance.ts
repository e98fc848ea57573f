import type { Key } from "openpgp/lightweight";
import type { Organisation } from "../api/types";
import { type InviteLink, InviteLinkInvalid, invitePins } from "./crypto/invite";
import { fromBase64 } from "./crypto/octets";
import { readCertificate } from "./crypto/profile";
import type { Compliance } from "./model";
import type { Store } from "./store/db";

const PIN = "compliance";

interface Pin {
  fingerprint: string;
  by: "invite" | "first_use";
}

/** The certificate that every message is also encrypted to; another one than the pinned is never used. */
export class ComplianceCertificate {
  #state: Compliance = { state: "unknown" };
  #key: Key | undefined;

  get state(): Compliance {
    return this.#state;
  }

  /** The pinned certificate; throws a sentence for people when there is none. */
  get key(): Key {
    if (this.#state.state === "changed")
      throw new Error("The organisation's compliance key changed. Sending is paused.");
    if (!this.#key) throw new Error("The organisation has no compliance key yet, so nothing can be sent.");
    return this.#key;
  }

  /** Takes what the server offers, if it is what was pinned or nothing was. */
  async adopt(organisation: Organisation, store: Store, link: InviteLink | undefined): Promise<void> {
    const offered = organisation.compliance;
    if (!offered) return;
    const key = await readCertificate(fromBase64(offered.certificate));
    const fingerprint = key.getFingerprint();
    if (link && !invitePins(link, fingerprint)) throw new InviteLinkInvalid(MISMATCH);
    const pin = (await store.meta.get<Pin>(PIN)) ?? {
      fingerprint,
      by: link ? ("invite" as const) : ("first_use" as const),
    };
    if (pin.fingerprint !== fingerprint) {
      this.#key = undefined;
      this.#state = { state: "changed", pinned: pin.fingerprint, offered: fingerprint };
      return;
    }
    const kept: Pin = link ? { fingerprint, by: "invite" } : pin;
    await store.meta.put(PIN, kept);
    this.#key = key;
    this.#state = { state: "pinned", ...kept };
  }
}

const MISMATCH =
  "The server offers another compliance key than the one the invite link was made for. Do not go on: ask whoever sent you the link.";
