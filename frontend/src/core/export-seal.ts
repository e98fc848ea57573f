import type { PrivateKey } from "openpgp/lightweight";
import type { Octets } from "./crypto/octets";
import { signDetached } from "./crypto/signature";

const NOTATION = { name: "export@sealcast.example", value: "v1" };

/** The signature of an officer over an export's manifest, as of the time that it states (docs/protocol.md, section 10). */
export const sign = (manifest: Octets, key: PrivateKey, at: Date): Promise<Octets> =>
  signDetached(manifest, key, NOTATION, at);
