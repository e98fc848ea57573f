import { type Octets, concat, equal, fromBase64, sha256, utf8 } from "./octets";

const COSIGNATURE = 4;
const KEY_OCTETS = 32;
const TIMED_OCTETS = 4 + 8 + 64;
const NAME = /^[^\s+]{1,200}$/;

interface WitnessKey {
  name: string;
  id: Octets;
  publicKey: Octets;
}

/** Reads a witness's verifier key, `<name>+<id>+<base64>`; undefined when it is none. */
export async function parseWitness(vkey: string): Promise<WitnessKey | undefined> {
  const [name = "", id = "", ...encoded] = vkey.trim().split("+");
  try {
    const octets = fromBase64(encoded.join("+"));
    const hash = (await sha256(concat(utf8(`${name}\n`), octets))).slice(0, 4);
    const hex = Array.from(hash, (octet) => octet.toString(16).padStart(2, "0")).join("");
    const fits = NAME.test(name) && octets[0] === COSIGNATURE && octets.length === 1 + KEY_OCTETS && id === hex;
    return fits ? { name, id: hash, publicKey: octets.slice(1) } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether one of the lines is this witness's cosignature of the note's text (C2SP tlog-cosignature, Ed25519). */
export async function isCosigned(note: string, lines: string[], vkey: string): Promise<boolean> {
  const witness = await parseWitness(vkey);
  if (!witness) return false;
  const text = note.slice(0, note.lastIndexOf("\n\n") + 1);
  const key = await crypto.subtle.importKey("raw", witness.publicKey, "Ed25519", false, ["verify"]);
  for (const line of lines) {
    const [dash, name, encoded, ...rest] = line.trimEnd().split(" ");
    if (dash !== "—" || name !== witness.name || !encoded || rest.length > 0) continue;
    const octets = octetsOf(encoded);
    if (octets?.length !== TIMED_OCTETS || !equal(octets.slice(0, 4), witness.id)) continue;
    const time = new DataView(octets.buffer, octets.byteOffset + 4, 8).getBigUint64(0);
    const message = utf8(`cosignature/v1\ntime ${time}\n${text}`);
    if (await crypto.subtle.verify("Ed25519", key, octets.slice(12), message)) return true;
  }
  return false;
}

function octetsOf(encoded: string): Octets | undefined {
  try {
    return fromBase64(encoded);
  } catch {
    return undefined;
  }
}
