import type { Octets } from "../core/crypto/octets";
import { codeOf } from "../shared/failures";
import { wasIdleTooLong } from "../shared/touched";

const LOOK_EVERY_MS = 15_000;

/** Whether the officer's own key is open in this browser. */
export type Signer = "ready" | "locked" | "someone else";

/** The client's own worker holds the officer's key: it is asked, and only when something is to be signed. */
const client = () =>
  (loaded ??= import("../shared/core-client").then(locking).catch((error: unknown) => {
    loaded = undefined;
    throw error;
  }));
let loaded: Promise<typeof import("../shared/core-client")> | undefined;

/** No tab of the client need be open: what was unlocked here locks itself as it would there. */
function locking(module: typeof import("../shared/core-client")): typeof module {
  setInterval(() => {
    if (wasIdleTooLong()) void module.core.lock().catch(() => undefined);
  }, LOOK_EVERY_MS);
  return module;
}

export async function signerOf(officer: string): Promise<Signer> {
  const { core } = await client();
  await core.start(!wasIdleTooLong());
  const { auth } = (await core.watch()).state;
  if (auth.phase === "ready") return auth.account.userId === officer ? "ready" : "someone else";
  return "locked";
}

/** What an officer types to open the own key. */
export interface Secrets {
  password: string;
  /** Of an authenticator app, once the server has asked for one. */
  code: string | undefined;
}

/** Opens the key as signing in does; false when the server wants a code, too. */
export async function unlock(username: string, { password, code }: Secrets): Promise<boolean> {
  const { core } = await client();
  try {
    await core.login({ username, secret: { kind: "password", text: password }, code });
    return true;
  } catch (error) {
    if (code === undefined && codeOf(error) === "second-factor-required") return false;
    throw error;
  }
}

export const sign = async (manifest: Octets, at: Date): Promise<Octets> =>
  (await client()).core.signExport(manifest, at);
