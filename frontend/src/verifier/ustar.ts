import { type Octets, equal, utf8 } from "../core/crypto/octets";

/** One part of an export. */
export interface Part {
  name: string;
  octets: Octets;
}

const BLOCK = 512;
const NAME_MAX = 100;

/** Reads an archive in the one form that exports have; throws on any other, so that nothing hides between the parts. */
export function readArchive(archive: Octets): Part[] {
  const parts: Part[] = [];
  let at = 0;
  const fail = (reason: string): never => {
    throw new Error(`the archive: at octet ${at}: ${reason}`);
  };
  for (;;) {
    if (archive.length - at < 2 * BLOCK) fail("it ends too early");
    const block = archive.slice(at, at + BLOCK);
    if (block.every((octet) => octet === 0)) {
      const rest = archive.slice(at);
      if (rest.length !== 2 * BLOCK || rest.some((octet) => octet !== 0)) fail("something stands behind its end");
      return parts;
    }
    const name = text(block.slice(0, NAME_MAX)).split("\0")[0] ?? "";
    const size = Number.parseInt(text(block.slice(124, 135)), 8);
    const expected = header(name, size);
    if (!expected || !equal(expected, block)) fail("this is not a header of an export");
    const begin = at + BLOCK;
    const end = begin + Math.ceil(size / BLOCK) * BLOCK;
    if (end > archive.length) fail(`${name} is cut off`);
    if (archive.slice(begin + size, end).some((octet) => octet !== 0)) fail(`something stands behind ${name}`);
    parts.push({ name, octets: archive.slice(begin, begin + size) });
    at = end;
  }
}

/** Writes the archive in that form; parts may be as large as the browser's memory. */
export function archiveOf(parts: Part[]): Blob {
  const blocks = parts.flatMap(({ name, octets }) => {
    const head = header(name, octets.length);
    if (!head) throw new Error(`${name} does not fit an archive`);
    return [head, octets, new Uint8Array((BLOCK - (octets.length % BLOCK)) % BLOCK)];
  });
  return new Blob([...blocks, new Uint8Array(2 * BLOCK)], { type: "application/x-tar" });
}

const text = (octets: Uint8Array): string => String.fromCharCode(...octets);

/** The header that an export's writer makes. */
function header(name: string, size: number): Octets | undefined {
  if (!name || !/^[\x21-\x7e]+$/.test(name) || name.length > NAME_MAX || !Number.isSafeInteger(size)) return undefined;
  const block = new Uint8Array(BLOCK);
  const put = (at: number, value: string): void => block.set(utf8(value), at);
  put(0, name);
  put(100, "0000644\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, `${size.toString(8).padStart(11, "0")}\0`);
  put(136, "00000000000\0");
  put(148, "        ");
  put(156, "0");
  put(257, "ustar\x0000");
  const sum = block.reduce((total, octet) => total + octet, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}
