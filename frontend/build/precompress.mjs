// Writes .br and .gz beside every text file of the build, which edge-svc serves as they are, and holds the build to its
// budget: what a visit has to load.
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const folder = process.argv[2] ?? "dist";
const TEXT = /\.(?:html|js|css|svg|json|wasm|txt|webmanifest)$/;
const OCTETS_MIN = 512;
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

/** Kilobytes, gzipped, of the scripts that these modules need before they run. */
const ENTRY = "index.html";
const BUDGETS = [
  { name: "signing in", modules: [ENTRY], limit: 130 },
  { name: "a room", modules: [ENTRY, "src/routes/shell.tsx", "src/routes/room.tsx"], limit: 165 },
];
/** The worker is a build of its own: its script, and the library that it names. The console's worker has a copy of its own. */
const CORE = { name: "session core", worker: /^worker-[^.]+\.js$/, library: /openpgp-[\w-]+\.js/g, limit: 85 };

const manifestPath = join(folder, ".vite/manifest.json");
const manifest = JSON.parse(await readFile(manifestPath, "utf8"));
// It tells the build's own layout and is nothing to serve.
await rm(join(folder, ".vite"), { recursive: true });

const sizes = new Map();
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
  sizes.set(entry.name, gz.length / 1024);
  const [gzKb, brKb] = [gz, br].map(({ length }) => (length / 1024).toFixed(1).padStart(7));
  console.log(`${gzKb} KB gz ${brKb} KB br  ${path}`);
}

/** The files that a module needs before it runs. */
function filesOf(modules, found = new Set()) {
  for (const name of modules) {
    const chunk = manifest[name];
    if (!chunk) throw new Error(`the build has no ${name}`);
    if (found.has(chunk.file)) continue;
    found.add(chunk.file);
    filesOf(chunk.imports ?? [], found);
  }
  return found;
}

const sum = (names) => [...names].reduce((total, name) => total + (sizes.get(name) ?? 0), 0);
const check = (name, total, limit) => {
  console.log(`${name}: ${total.toFixed(1)} of ${limit} KB gz`);
  if (total > limit || total === 0) process.exitCode = 1;
};
for (const { name, modules, limit } of BUDGETS) {
  check(name, sum([...filesOf(modules)].map((file) => file.replace(/^assets\//, ""))), limit);
}
const workers = [...sizes.keys()].filter((name) => CORE.worker.test(name));
const scripts = await Promise.all(workers.map((name) => readFile(join(folder, "assets", name), "utf8")));
const libraries = scripts.flatMap((script) => script.match(CORE.library) ?? []);
check(CORE.name, sum(new Set([...workers, ...libraries])), CORE.limit);
