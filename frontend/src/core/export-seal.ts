import type { PrivateKey } from "openpgp/lightweight";
import { serverNow } from "../api/client";
import type { Octets } from "./crypto/octets";
import { signDetached } from "./crypto/signature";

const NOTATION = { name: "export@sealcast.example", value: "v1" };

/** The signature of an officer over an export's manifest (docs/protocol.md, section 10). */
export const sign = (manifest: Octets, key: PrivateKey): Promise<Octets> =>
  signDetached(manifest, key, NOTATION, serverNow());
