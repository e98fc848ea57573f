// Makes dist/verify.html: the offline verifier as one file, with a policy that allows its own script and style and nothing else.
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { build } from "vite";

const folder = process.argv[2] ?? "dist";
const output = await build({
  configFile: false,
  logLevel: "warn",
  publicDir: false,
  build: {
    target: "es2023",
    write: false,
    cssCodeSplit: false,
    rolldownOptions: { input: "src/verifier/page.ts", output: { format: "iife", entryFileNames: "page.js" } },
  },
});
const files = [output].flat().flatMap((part) => part.output);
const script = files.find((file) => file.fileName === "page.js").code.trim();
const style = String(files.find((file) => file.fileName.endsWith(".css")).source).trim();
if (script.includes("</script")) throw new Error("the script would end itself");

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
const page = (await readFile("verify.html", "utf8"))
  .replace(/\s*<script type="module"[^>]*><\/script>/, "")
  .replace(
    "<!-- policy -->",
    () => `<meta http-equiv="Content-Security-Policy" content="${policy}" />\n    <style>${style}</style>`,
  )
  .replace("</body>", () => `  <script>${script}</script>\n  </body>`);
await mkdir(folder, { recursive: true });
await writeFile(`${folder}/verify.html`, page);
console.log(`${(page.length / 1024).toFixed(1)} KB  ${folder}/verify.html`);
