// Writes .br and .gz beside every text file of the build: edge-svc serves them as they are.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const folder = process.argv[2] ?? "dist";
const TEXT = /\.(?:html|js|css|svg|json|wasm|txt|webmanifest)$/;
const OCTETS_MIN = 512;
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

const sizes = [];
for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !TEXT.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const octets = await readFile(path);
  if (octets.length < OCTETS_MIN) continue;
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(octets, QUALITY),
    promisify(gzip)(octets, { level: 9 }),
  ]);
  await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)]);
  sizes.push(
    `${(gz.length / 1024).toFixed(1).padStart(7)} KB gz ${(br.length / 1024).toFixed(1).padStart(7)} KB br  ${path}`,
  );
}
console.log(sizes.join("\n"));
