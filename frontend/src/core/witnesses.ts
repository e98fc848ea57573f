import type { Checkpoint } from "../api/types";
import { isCosigned, parseWitness } from "./crypto/cosignature";

/** Which of the required witnesses have not cosigned a checkpoint, by their names. */
export async function missingOf(checkpoint: Checkpoint, required: string[]): Promise<string[]> {
  const lines = (checkpoint.cosignatures ?? []).map(({ line }) => line);
  const missing: string[] = [];
  for (const vkey of required) {
    if (!(await isCosigned(checkpoint.note, lines, vkey))) missing.push(nameOf(vkey));
  }
  return missing;
}

/** The keys that somebody typed, each once; throws a sentence for people at the first that is none. */
export async function checkedKeys(typed: string[]): Promise<string[]> {
  const keys = [...new Set(typed.map((vkey) => vkey.trim()))];
  for (const vkey of keys) {
    if (!(await parseWitness(vkey)))
      throw new Error(
        "This is not a witness’s key. It has a name, eight digits or letters, and a code, joined by “+”.",
      );
  }
  return keys;
}

/** What a witness's key calls it. */
export const nameOf = (vkey: string): string => vkey.split("+")[0] ?? "";
