import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { emojiData } from "./build/emoji-data.ts";

const backend = process.env["SEALCAST_DEV_BACKEND"] ?? "https://localhost:8443";

export default defineConfig(({ mode }) => ({
  plugins: [react(), tailwindcss(), emojiData()],
  // Trusted Types and `style-src 'self'`: no data: URLs, no injected polyfill, workers as modules with their own chunks.
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    reportCompressedSize: true,
    rolldownOptions: { input: { index: "index.html", console: "console.html" } },
  },
  // OpenPGP.js (LGPL) stays an unmodified chunk of its own, which anybody can replace.
  worker: {
    format: "es",
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: "openpgp", test: /openpgp\/dist\/lightweight\/openpgp\.min/ }] } },
    },
  },
  server: { proxy: { "/api": { target: backend, secure: false, changeOrigin: true } } },
  // The browser build is the only one behind `openpgp/lightweight`; tests in Node take the same version's Node build.
  resolve: mode === "test" ? { alias: { "openpgp/lightweight": "openpgp" } } : {},
  test: { environment: "node", include: ["test/**/*.test.ts"], testTimeout: 20_000 },
}));
