import { X509Certificate, createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** SHA-256 of a certificate's public key, as Chromium's `--ignore-certificate-errors-spki-list` takes it. */
export function spkiHash(pemFile: string): string {
  const { publicKey } = new X509Certificate(readFileSync(pemFile));
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
}
