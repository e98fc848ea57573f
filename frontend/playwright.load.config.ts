import { defineConfig } from "@playwright/test";
import base from "./playwright.config";

/** What a busy room costs a tab: prints figures, against a running stack. `npm run load` */
export default defineConfig(base, { testDir: "load", outputDir: "out/load", timeout: 1_800_000 });
