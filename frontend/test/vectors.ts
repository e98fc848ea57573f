import { readFileSync } from "node:fs";
import type { Octets } from "../src/core/crypto/octets";

const folder = new URL("vectors/", import.meta.url);

export const vectorOctets = (file: string): Octets => new Uint8Array(readFileSync(new URL(file, folder)));
export const vectorText = (file: string): string => readFileSync(new URL(file, folder), "utf8");
export const vectorJson = <T>(file: string): T => JSON.parse(vectorText(file)) as T;

/** An entry of `manifest.json`; which fields it has depends on its kind. */
export interface Vector {
  file: string;
  kind: string;
  about: string;
  server: string;
  client: string;
  room: string;
  room_secret: string;
  compliance: string;
  session_key_hex?: string;
  plaintext_sha256?: string;
  over: string;
  signer: string;
  context: string;
  verify_at_unix: number;
  passphrase: string;
  wrong_passphrase: string;
  fingerprint: string;
  to: string;
  blob: string;
  contains: string;
}

export const vectors = (kind: string): Vector[] =>
  vectorJson<{ vectors: Vector[] }>("manifest.json").vectors.filter((vector) => vector.kind === kind);
