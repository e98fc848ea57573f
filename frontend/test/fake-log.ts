import { type Octets, concat, sha256, toBase64, toHex, utf8 } from "../src/core/crypto/octets";
import { leafHash } from "../src/core/crypto/merkle";
import type { FakeRest } from "./fake-rest";
import { json, problem } from "./fake-rest";

const ORIGIN = "sealcast.example/log";

/** The log's signing key. */
export interface LogKey {
  secret: CryptoKey;
  vkey: string;
  hash: Octets;
}

export async function makeLogKey(): Promise<LogKey> {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  const typed = concat(Uint8Array.of(1), new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  const hash = (await sha256(concat(utf8(`${ORIGIN}\n`), typed))).slice(0, 4);
  return { secret: pair.privateKey, hash, vkey: `${ORIGIN}+${toHex(hash)}+${toBase64(typed)}` };
}

/** A log as RFC 6962 describes it, word for word; `name` makes the leaves from `forkedAt` on differ from those of other logs. */
export class FakeLog {
  readonly #leaves: Octets[] = [];

  private constructor(readonly key: LogKey) {}

  static async of(key: LogKey, size: number, name = "", forkedAt = 0): Promise<FakeLog> {
    const log = new FakeLog(key);
    for (let at = 0; at < size; at++) log.#leaves.push(await leafHash(utf8(`${at >= forkedAt ? name : ""} ${at}`)));
    return log;
  }

  root = (size: number): Promise<Octets> => rootOf(this.#leaves.slice(0, size));

  path = (from: number, to: number): Promise<Octets[]> =>
    from === 0 || from === to ? Promise.resolve([]) : subproof(from, this.#leaves.slice(0, to), true);

  async checkpoint(size: number) {
    const root = toBase64(await this.root(size));
    const text = `${ORIGIN}\n${size}\n${root}\n`;
    const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", this.key.secret, utf8(text)));
    const note = `${text}\n— ${ORIGIN} ${toBase64(concat(this.key.hash, signature))}\n`;
    return { size, root, note, vkey: this.key.vkey };
  }

  /** Answers as audit-svc does, as long as the log has `size` leaves. */
  serve(rest: FakeRest, size: number): void {
    rest.on("GET /audit/checkpoint", async () => json(await this.checkpoint(size)));
    rest.on("GET /audit/consistency", async ({ query }) => {
      const [from, to] = [Number(query.get("from")), Number(query.get("to"))];
      if (to > size) return problem(404, "not-found");
      return json({ from, to, path: (await this.path(from, to)).map(toBase64) });
    });
  }
}

const split = (size: number): number => 2 ** Math.ceil(Math.log2(size) - 1);

async function rootOf(leaves: Octets[]): Promise<Octets> {
  if (leaves.length <= 1) return leaves[0] ?? sha256(new Uint8Array(0));
  const at = split(leaves.length);
  return sha256(concat(Uint8Array.of(1), await rootOf(leaves.slice(0, at)), await rootOf(leaves.slice(at))));
}

/** RFC 6962, section 2.1.2. */
async function subproof(from: number, leaves: Octets[], whole: boolean): Promise<Octets[]> {
  if (from === leaves.length) return whole ? [] : [await rootOf(leaves)];
  const at = split(leaves.length);
  const [left, right] = [leaves.slice(0, at), leaves.slice(at)];
  if (from <= at) return [...(await subproof(from, left, whole)), await rootOf(right)];
  return [...(await subproof(from - at, right, false)), await rootOf(left)];
}
