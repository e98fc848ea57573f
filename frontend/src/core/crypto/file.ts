import { type Octets, concat, sha256, utf8 } from "./octets";

/** The form of docs/protocol.md, section 3, “Attachment”: AES-256-GCM in chunks, under a key that serves one file only. */
export const CHUNK_OCTETS = 131_072;
export const TAG_OCTETS = 16;
const NONCE_OCTETS = 12;

/** What a chunk is bound to, besides its place. */
export interface FileAt {
  room: string;
  id: string;
  chunks: number;
}

/** An empty file has one empty chunk. */
export const chunksOf = (size: number): number => Math.max(1, Math.ceil(size / CHUNK_OCTETS));

export const sealedOctets = (size: number): number => size + chunksOf(size) * TAG_OCTETS;

export const newFileKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt"]);

export const fileKey = (octets: Octets): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", octets, "AES-GCM", false, ["decrypt"]);

export const sealChunk = async (key: CryptoKey, at: FileAt, index: number, octets: Octets): Promise<Octets> =>
  new Uint8Array(await crypto.subtle.encrypt(parameters(at, index), key, octets));

/** Undefined when it is not this chunk of this file. */
export async function openChunk(
  key: CryptoKey,
  at: FileAt,
  index: number,
  sealed: Octets,
): Promise<Octets | undefined> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(at, index), key, sealed));
  } catch {
    return undefined;
  }
}

/** What the envelope says of all sealed chunks: whoever holds the key cannot put others in their place. */
export const sumOf = (hashes: Octets[]): Promise<Octets> => sha256(concat(...hashes));

function parameters({ room, id, chunks }: FileAt, index: number): AesGcmParams {
  const iv = new Uint8Array(NONCE_OCTETS);
  new DataView(iv.buffer).setUint32(NONCE_OCTETS - 4, index);
  return {
    name: "AES-GCM",
    iv,
    additionalData: utf8(`sealcast/v1/file\nroom=${room}\nid=${id}\nchunk=${index}\nof=${chunks}\n`),
  };
}
