import { defineConfig } from "@playwright/test";
import base from "./playwright.config";

/** Pictures for the documents, of the demo conversation: `npm run shots` against a running, seeded stack. */
export default defineConfig(base, { testDir: "shots", outputDir: "out/shots", timeout: 240_000 });
