import { defineConfig } from "@playwright/test";
import { spkiHash } from "./e2e/certificate";

const env = process.env;
const spki = env["E2E_SPKI"] ?? (env["E2E_CA"] ? spkiHash(env["E2E_CA"]) : "");

/**
 * Runs against a stack that is up already (`cargo xtask test` starts one). The private CA is trusted by its key:
 * with `ignoreHTTPSErrors` the shared worker's connections fail after their first drop.
 */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--ignore-certificate-errors-spki-list=${spki}`,
];

const launchOptions = env["CHROMIUM_BIN"] ? { executablePath: env["CHROMIUM_BIN"], args } : { args };

export default defineConfig({
  testDir: "e2e",
  outputDir: "out/e2e",
  workers: 1,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    baseURL: env["E2E_URL"] ?? "https://localhost:8443",
    launchOptions,
    locale: "en-GB",
    actionTimeout: 15_000,
    screenshot: "only-on-failure",
    trace: "off",
  },
});
