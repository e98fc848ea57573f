import { type Octets, concat, equal, fromBase64, sha256, utf8 } from "./octets";

/** A checkpoint whose note verified. */
export interface VerifiedCheckpoint {
  origin: string;
  size: number;
  root: Octets;
}

const ED25519 = 1;

/** Verifies a C2SP signed note that holds a checkpoint; undefined when the key did not sign exactly this text. */
export async function verifyCheckpoint(note: string, vkey: string): Promise<VerifiedCheckpoint | undefined> {
  try {
    const key = parseVerifierKey(vkey);
    const split = note.indexOf("\n\n");
    const [text, signatures] = [note.slice(0, split + 1), note.slice(split + 2)];
    const publicKey = await crypto.subtle.importKey("raw", key.publicKey, "Ed25519", false, ["verify"]);
    for (const line of signatures.split("\n")) {
      const [dash, name, encoded, ...rest] = line.split(" ");
      if (dash !== "—" || name !== key.name || !encoded || rest.length) continue;
      const signature = fromBase64(encoded);
      if (!equal(signature.slice(0, 4), await keyHash(key))) continue;
      if (await crypto.subtle.verify("Ed25519", publicKey, signature.slice(4), utf8(text)))
        return parse(text, key.name);
    }
    return undefined;
  } catch {
    return undefined;
  }
}

interface VerifierKey {
  name: string;
  publicKey: Octets;
}

function parseVerifierKey(vkey: string): VerifierKey {
  const [name, , ...encoded] = vkey.trim().split("+");
  const octets = fromBase64(encoded.join("+"));
  if (!name || octets[0] !== ED25519 || octets.length !== 33) throw new Error("not an Ed25519 verifier key");
  return { name, publicKey: octets.slice(1) };
}

const keyHash = async ({ name, publicKey }: VerifierKey): Promise<Octets> =>
  (await sha256(concat(utf8(`${name}\n`), Uint8Array.of(ED25519), publicKey))).slice(0, 4);

/** The text's first three lines: origin, size, root. */
function parse(text: string, name: string): VerifiedCheckpoint | undefined {
  const [origin, size, root] = text.split("\n");
  if (origin !== name || !size || !/^(?:0|[1-9][0-9]{0,15})$/.test(size) || !root) return undefined;
  return { origin, size: Number(size), root: fromBase64(root) };
}
