import type { Key } from "openpgp/lightweight";
import type { Organisation } from "../api/types";
import { COMPLIANCE_NOTATION, complianceStatement } from "./crypto/context";
import { type Octets, fromBase64 } from "./crypto/octets";
import { readCertificate, subkeyFingerprint } from "./crypto/profile";
import { recipientsOf } from "./crypto/recipients";
import { verifyDetached } from "./crypto/signature";
import type { ComplianceStep } from "./model";

/** As the server limits them: a longer chain is not checked, and not used. */
const SUCCESSION_OCTETS_MAX = 131_072;

export interface Step extends ComplianceStep {
  key: Key;
}

/** The certificates from the first to the newest; none of them when one is not what the one before has signed. */
export async function chainOf({ compliance, compliance_succession: all }: Organisation): Promise<Step[]> {
  const steps: Step[] = [];
  let total = 0;
  // A server that is older than rotations has one certificate.
  const claimed: Organisation["compliance_succession"] = all.length === 0 && compliance ? [compliance] : all;
  for (const { certificate, rotation } of claimed) {
    const octets = fromBase64(certificate);
    const sig = fromBase64(rotation?.sig ?? "");
    total += octets.length + sig.length;
    if (total > SUCCESSION_OCTETS_MAX) return [];
    const key = await readCertificate(octets).catch(() => undefined);
    if (!key || steps.some(({ fingerprint }) => fingerprint === key.getFingerprint())) return [];
    const [fingerprint, before] = [key.getFingerprint(), steps.at(-1)];
    const from = rotation ? Date.parse(rotation.effective_at) : 0;
    if (before || rotation) {
      if (!before || !rotation || from <= before.from) return [];
      const statement = await complianceStatement(before.fingerprint, fingerprint, octets, from);
      if ((await verifyDetached(statement, sig, before.key, COMPLIANCE_NOTATION, new Date(0))) !== "v1") return [];
    }
    steps.push({ key, fingerprint, from });
  }
  return steps;
}

/** A key of the organisation that an envelope is for. */
export interface Named {
  fingerprint: string;
  /** Whether a key at hand led to it; what comes before all of them, only the server says. */
  signed: boolean;
}

/** Which key of the organisation an envelope is for, if its keys are of one chain with those at hand. */
export async function keyNamedBy(
  env: Octets,
  organisation: Organisation,
  atHand: string[],
): Promise<Named | undefined> {
  const steps = await chainOf(organisation).catch(() => []);
  const known = steps.findIndex(({ fingerprint }) => atHand.includes(fingerprint));
  const named = recipientsOf(env);
  const at = steps.findIndex(({ key }) => named.includes(subkeyFingerprint(key)));
  const found = steps[at];
  return known < 0 || !found ? undefined : { fingerprint: found.fingerprint, signed: at > known };
}
