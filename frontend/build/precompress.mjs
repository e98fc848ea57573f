// Writes .br and .gz beside every text file of the build, which edge-svc serves as they are, and holds the build to its
// budget: what a first visit has to load.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const folder = process.argv[2] ?? "dist";
const TEXT = /\.(?:html|js|css|svg|json|wasm|txt|webmanifest)$/;
const OCTETS_MIN = 512;
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

/** Kilobytes, gzipped. */
const BUDGETS = [
  { name: "entry", files: /^index-[^.]+\.js$/, limit: 210 },
  { name: "session core", files: /^(?:worker|openpgp)-[^.]+\.js$/, limit: 85 },
];

const sizes = [];
const totals = new Map();
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
  for (const { name, files } of BUDGETS) {
    if (files.test(entry.name)) totals.set(name, (totals.get(name) ?? 0) + gz.length / 1024);
  }
  sizes.push(
    `${(gz.length / 1024).toFixed(1).padStart(7)} KB gz ${(br.length / 1024).toFixed(1).padStart(7)} KB br  ${path}`,
  );
}
console.log(sizes.join("\n"));
for (const { name, limit } of BUDGETS) {
  const total = totals.get(name) ?? Number.POSITIVE_INFINITY;
  console.log(`${name}: ${total.toFixed(1)} of ${limit} KB gz`);
  if (total > limit) process.exitCode = 1;
}
