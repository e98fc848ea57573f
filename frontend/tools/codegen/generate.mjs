// Writes src/api/schema.d.ts from the checked-in OpenAPI document. With --check it only compares.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const source = new URL("../../../services/edge-svc/openapi.json", import.meta.url);
const target = new URL("../../src/api/schema.d.ts", import.meta.url);

if (!existsSync(`${here}node_modules`)) {
  // The npm that runs this script; it need not be on the path.
  const npm = process.env["npm_execpath"];
  const [program, first] = npm ? [process.execPath, [npm]] : ["npm", []];
  execFileSync(program, [...first, "ci", "--no-audit", "--no-fund"], { cwd: here, stdio: "ignore" });
}
const { default: openapiTS, astToString } = await import("openapi-typescript");
const header = "// Generated from services/edge-svc/openapi.json by `npm run codegen`; do not edit.\n\n";
const text = header + astToString(await openapiTS(source, { alphabetize: false }));

if (process.argv.includes("--check")) {
  if ((await readFile(target, "utf8")) !== text) {
    console.error("src/api/schema.d.ts differs from the OpenAPI document: run `npm run codegen`");
    process.exit(1);
  }
} else {
  await writeFile(target, text);
}
