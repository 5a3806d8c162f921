import { defineConfig } from "@playwright/test";

// Each spec file starts a server of its own on a free port with an empty data folder (support/server.ts), so the files
// can run beside one another, and in any order.
export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  fullyParallel: false,
  forbidOnly: !!process.env.CI,
  retries: 0, // a flaky test is a broken build
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    locale: "en-US",
    timezoneId: "UTC",
    viewport: { width: 1280, height: 800 },
    trace: "retain-on-failure",
    launchOptions: {
      // The system's browser where scripts/setup found one, else Playwright's own.
      executablePath: process.env.ROLLCALL_CHROMIUM || undefined,
      args: [
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    contextOptions: { reducedMotion: "reduce" },
  },
});
